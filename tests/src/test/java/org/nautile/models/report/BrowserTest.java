package org.nautile.models.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages in a real browser: what is drawn, on which screens, with which keys, and what is loaded. */
class BrowserTest {
    @TempDir
    private static Path shared = Path.of("");

    private static @Nullable Browser started;

    @TempDir
    private Path folder = Path.of("");

    private Browser browser;

    @BeforeAll
    static void start() throws Exception {
        started = Browser.start(shared);
    }

    @AfterAll
    static void end() throws Exception {
        if (started != null) {
            started.close();
        }
    }

    @BeforeEach
    void scriptsRun() throws Exception {
        browser = Objects.requireNonNull(started);
        browser.call("Emulation.setScriptExecutionDisabled", Map.of("value", false));
    }

    private Path report() throws Exception {
        Path png = folder.resolve("p.png");
        ImageIO.write(new BufferedImage(1600, 400, BufferedImage.TYPE_INT_RGB), "png", png.toFile());
        HtmlReport report = new HtmlReport("<script>document.title = 'broken'</script>", "nautile x");
        report.heading("One");
        double[] x = {1, 2, 3, 4};
        HtmlReport.Series falling = new HtmlReport.Series("falling", x, new double[] {8, 4, 2, 1});
        HtmlReport.Series other = new HtmlReport.Series("other", new double[] {2, 3}, new double[] {5, 0});
        report.chart(new HtmlReport.Chart("Loss", "epoch", "loss", false, false, List.of(falling, other)));
        report.heading("Two");
        report.chart(new HtmlReport.Chart("Log", "n", "s", true, true, List.of(falling, other)));
        report.chart(new HtmlReport.Chart("Nothing", "n", "s", false, false, List.of()));
        report.heading("Three");
        report.picture(png, "wide");
        report.table(List.of("a", "b"), List.of(List.of("x".repeat(300), "1")));
        report.code("long", "y".repeat(400));
        report.bars(new HtmlReport.Bars("b", "ms", List.of("l"), List.of("p"), new double[][] {{1}}));
        return report.write(folder.resolve("out"));
    }

    private BufferedImage shot() throws Exception {
        return ImageIO.read(new ByteArrayInputStream(browser.screenshot()));
    }

    @Test
    void everythingIsDrawnAndNothingLoaded() throws Exception {
        URI page = report().toUri();
        browser.screen(1200, 900, false);
        browser.open(page);
        assertEquals(List.of(), browser.complaints());
        assertEquals("<script>document.title = 'broken'</script>", browser.evaluate("document.title"));
        assertEquals("3", browser.evaluate("document.documentElement.dataset.charts"));
        assertEquals("3", browser.evaluate("document.querySelectorAll('.plot canvas').length"));
        String ink = "(() => { const c = document.querySelector('.plot canvas');"
                + " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                + " let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n })()";
        assertTrue(Integer.parseInt(browser.evaluate(ink)) > 3000, "the canvas is not empty");
        browser.requests()
                .forEach(
                        request -> assertTrue(request.equals(page.toString()) || request.startsWith("data:"), request));
    }

    @Test
    void fitsAPhoneAndTheDark() throws Exception {
        browser.open(report().toUri());
        for (int width : new int[] {320, 390, 1200}) {
            browser.screen(width, 844, false);
            Browser.until(
                    "charts are as wide as their places at " + width,
                    () -> browser.evaluate(
                                    "[...document.querySelectorAll('.plot')].every(p => p.firstChild.clientWidth <= p.clientWidth)")
                            .equals("true"));
            assertEquals(
                    "true",
                    browser.evaluate("document.documentElement.scrollWidth <= innerWidth"),
                    "nothing hangs over at " + width);
        }
        browser.screen(390, 844, false);
        int light = shot().getRGB(3, 3);
        browser.screen(390, 844, true);
        int dark = shot().getRGB(3, 3);
        assertTrue(
                (light & 0xFF) > 200 && (dark & 0xFF) < 60,
                Integer.toHexString(light) + " " + Integer.toHexString(dark));
    }

    @Test
    void keysDoWhatTheMouseDoes() throws Exception {
        browser.screen(1200, 900, false);
        browser.open(report().toUri());
        browser.press("Tab", 9);
        assertEquals("skip", browser.evaluate("document.activeElement.className"));
        browser.press("Enter", 13);
        Browser.until(
                "the link is followed",
                () -> browser.evaluate("document.activeElement.id").equals("main"));
        browser.evaluate("document.querySelector('.u-over').focus()");
        browser.press("ArrowRight", 39);
        String values =
                "[...document.querySelectorAll('.plot')[0].querySelectorAll('.u-value')].map(v => v.textContent).join()";
        Browser.until(
                "the legend shows the first point",
                () -> browser.evaluate(values).equals("1,8,5"));
        browser.press("End", 35);
        Browser.until("and the last", () -> browser.evaluate(values).equals("4,1,0"));
        browser.evaluate("document.querySelectorAll('.u-legend th')[1].focus()");
        browser.press("Enter", 13);
        assertEquals("false", browser.evaluate("document.activeElement.getAttribute('aria-pressed')"));
        assertEquals("true", browser.evaluate("document.activeElement.closest('tr').classList.contains('u-off')"));
    }

    @Test
    void withoutScriptsTheTablesAreThere() throws Exception {
        browser.call("Emulation.setScriptExecutionDisabled", Map.of("value", true));
        browser.open(report().toUri());
        assertEquals("0", browser.evaluate("document.querySelectorAll('canvas').length"));
        assertEquals("4", browser.evaluate("document.querySelectorAll('details table').length"));
        assertEquals("4", browser.evaluate("document.querySelector('details tbody').rows.length"));
    }

    @Test
    void aTrainingIsSeenWhileItGoesOn() throws Exception {
        browser.screen(1200, 900, false);
        LivePage live = new LivePage(0, "Training of <b>x</b>");
        try (live) {
            browser.open(live.address());
            Browser.until(
                    "it waits",
                    () -> browser.evaluate("document.getElementById('state').textContent")
                            .contains("not begun"));
            live.begin(List.of(new LivePage.Panel("Loss", "epochs", "loss", List.of("train", "test"))));
            for (int i = 1; i <= 10; i++) {
                live.add(List.of(new LivePage.Row(0, i, 1.0 / i, Double.NaN)));
            }
            live.add(List.of(new LivePage.Row(0, 10, Double.NaN, 0.75)));
            Browser.until(
                    "the points arrive",
                    () -> browser.evaluate("document.documentElement.dataset.points")
                            .equals("11"));
            assertEquals("train 0.1, test 0.75", browser.evaluate("document.querySelector('.newest').textContent"));
            assertEquals("Training of <b>x</b>", browser.evaluate("document.querySelector('h1').textContent"));
            browser.screen(390, 844, true);
            Browser.until(
                    "it fits a phone",
                    () -> browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
                            .equals("true"));
            assertEquals(List.of(), browser.complaints());
            browser.requests()
                    .forEach(request -> assertTrue(
                            request.startsWith(live.address().toString()) || request.startsWith("data:"), request));
        }
        Browser.until(
                "the end is told",
                () -> browser.evaluate("document.getElementById('state').dataset.kind")
                        .equals("ended"));
        assertEquals("11", browser.evaluate("document.documentElement.dataset.points"), "the curves stay");
    }

    @Test
    void thePageComesBackByItself() throws Exception {
        LivePage first = new LivePage(0, "first");
        try (first) {
            first.begin(List.of(new LivePage.Panel("Loss", "epochs", "loss", List.of("train"))));
            browser.open(first.address());
            Browser.until("it listens", () -> first.readers() == 1);
            first.cut(); // as when the process is killed
        }
        Browser.until(
                "the loss is seen",
                () -> browser.evaluate("document.getElementById('state').dataset.kind")
                        .equals("lost"));
        int port = first.address().getPort();
        try (LivePage second = new LivePage(port, "second")) {
            Browser.until(
                    "the next training is shown",
                    () -> browser.evaluate("document.title").equals("second"));
            Browser.until("and listened to", () -> second.readers() == 1);
        }
    }
}
