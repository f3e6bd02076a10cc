package org.nautile.models.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page holds what it was given, all of it, and nothing else. */
class HtmlReportTest {
    private static final String EVIL = "<script>alert('x')</script> & \"<img src=x onerror=alert(1)>";

    @TempDir
    private Path folder = Path.of("");

    private static HtmlReport.Series series(String name, double... y) {
        return new HtmlReport.Series(
                name, IntStream.rangeClosed(1, y.length).asDoubleStream().toArray(), y);
    }

    private static HtmlReport.Chart chart(String title, HtmlReport.Series... series) {
        return new HtmlReport.Chart(title, "epoch", "loss", false, false, List.of(series));
    }

    /** Everything that can be given, with text that would be markup. */
    private HtmlReport everythingEvil() throws IOException {
        Path png = folder.resolve("p.png");
        ImageIO.write(new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB), "png", png.toFile());
        HtmlReport report = new HtmlReport(EVIL, EVIL);
        report.heading(EVIL);
        report.text(EVIL);
        report.table(List.of(EVIL), List.of(List.of(EVIL)));
        report.chart(new HtmlReport.Chart(EVIL, EVIL, EVIL, false, false, List.of(series(EVIL, 1, 2))));
        report.bars(new HtmlReport.Bars(EVIL, EVIL, List.of(EVIL), List.of(EVIL), new double[][] {{1}}));
        report.picture(png, EVIL);
        report.code(EVIL, EVIL);
        return report;
    }

    /** The page without the two scripts that are the same on every page. */
    private static String withoutScripts(String page) {
        return page.replaceAll("(?s)<script>.*?</script>", "");
    }

    private static JsonNode data(String page, int chart) throws IOException {
        Matcher found = Pattern.compile("<script type=\"application/json\" id=\"chart-" + chart + "\">(.*?)</script>")
                .matcher(page);
        assertTrue(found.find(), "no data of chart " + chart);
        return new ObjectMapper().readTree(found.group(1));
    }

    @Test
    void noTextIsMarkup() throws IOException {
        String page = everythingEvil().html();
        String rest = withoutScripts(page).replaceAll("<script type=\"application/json\"[^>]*>[^<]*</script>", "");
        assertFalse(rest.contains("<script"), "a script got in");
        assertFalse(page.contains("<img src=x"), "an element got in");
        assertFalse(rest.contains("alert('x')"), "a quote got in");
        assertEquals(EVIL, data(page, 1).path("title").asText());
        assertEquals(EVIL, data(page, 1).path("series").path(0).asText());
        int escaped =
                rest.split(Pattern.quote("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;"), -1).length
                        - 1;
        assertTrue(escaped >= 15, "only " + escaped + " of the texts are on the page");
    }

    /** The policy in the head would stop a request; that there is none to stop is better. */
    @Test
    void nothingIsLoaded() throws IOException {
        String page = everythingEvil().html();
        String rest = withoutScripts(page);
        assertTrue(rest.contains("default-src 'none'"), "no policy");
        List<String> addresses = Pattern.compile("(?:src|href|action|data|poster)\\s*=\\s*\"([^\"]*)\"")
                .matcher(rest)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertFalse(addresses.isEmpty());
        for (String address : addresses) {
            assertTrue(address.startsWith("#") || address.startsWith("data:"), address);
        }
        assertFalse(rest.contains("@import") || rest.contains("url("), "the styles load something");
        String ours = Html.resource("charts.js");
        for (String loader : List.of("fetch(", "import(", "XMLHttpRequest", "http:", "https:")) {
            assertFalse(ours.contains(loader), loader);
        }
    }

    @Test
    void uplotIsTheVersionOfTheNoticeWithItsLicence() throws Exception {
        byte[] script = Html.resource("uPlot.iife.min.js").getBytes(StandardCharsets.UTF_8);
        assertEquals(
                "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(script)));
        assertTrue(Files.readString(Path.of("..", "NOTICE")).contains("uPlot 1.6.32"));
        HtmlReport report = new HtmlReport("t", "c");
        report.chart(chart("loss", series("train", 1)));
        assertTrue(report.html().contains("Copyright (c) 2022 Leon Sorokin"), "the licence goes with the copy");
    }

    @Test
    void aChartHasItsTable() throws IOException {
        HtmlReport report = new HtmlReport("t", "c");
        report.chart(new HtmlReport.Chart(
                "two runs",
                "epoch",
                "loss",
                false,
                true,
                List.of(
                        new HtmlReport.Series("a", new double[] {1, 2, 4}, new double[] {0.5, 0, 0.125}),
                        new HtmlReport.Series("b", new double[] {3, 2, Double.NaN}, new double[] {7, 8, 9}))));
        String page = report.html();
        // rows: 1, 2, 3, 4; 0 cannot stand on a logarithmic axis
        assertEquals(
                "[[1.0,2.0,3.0,4.0],[0.5,null,null,0.125],[null,8.0,7.0,null]]",
                data(page, 1).path("data").toString());
        String table = page.substring(page.indexOf("<details>"), page.indexOf("</details>"));
        List<String> cells = Pattern.compile("<td[^>]*>([^<]*)</td>")
                .matcher(table)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertEquals(List.of("1", "0.5", "", "2", "0", "8", "3", "", "7", "4", "0.125", ""), cells);
    }

    @Test
    void valuesAtOneplaceAreAllKept() throws IOException {
        HtmlReport report = new HtmlReport("t", "c");
        report.chart(new HtmlReport.Chart(
                "points",
                "x",
                "y",
                false,
                false,
                List.of(new HtmlReport.Series("a", new double[] {1, 1, 0}, new double[] {5, 6, 7}))));
        assertEquals(
                "[[0.0,1.0,1.0],[7.0,5.0,6.0]]",
                data(report.html(), 1).path("data").toString());
    }

    @Test
    void aLongTableSaysWhatItLeavesOut() {
        HtmlReport report = new HtmlReport("t", "c");
        report.chart(chart("long", series("a", new double[3000])));
        String page = report.html();
        assertTrue(page.contains("Table of 500 of the 3000 points, evenly spaced"), "not said");
        assertEquals(
                501, page.split("<tr>", -1).length - 1 - MachineFacts.here().size());
        assertTrue(page.contains("<td class=\"n\">3000</td>"), "the last point is there");
    }

    @Test
    void barsAreAsLongAsTheirValues() {
        HtmlReport report = new HtmlReport("t", "c");
        report.bars(new HtmlReport.Bars(
                "time", "ms", List.of("cpu", "gpu"), List.of("matmul", "rest"), new double[][] {{6, 2}, {1, 0}}));
        List<String> widths = Pattern.compile("width:([\\d.]+)%")
                .matcher(report.html())
                .results()
                .map(found -> found.group(1))
                .toList();
        assertEquals(List.of("75.0000", "25.0000", "12.5000"), widths);
    }

    @Test
    void wrongSizesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new HtmlReport.Series("a", new double[2], new double[3]));
        assertThrows(
                IllegalArgumentException.class,
                () -> new HtmlReport.Bars("a", "s", List.of("x"), List.of("p"), new double[][] {{-1}}));
        assertThrows(
                IllegalArgumentException.class,
                () -> new HtmlReport("t", "c").table(List.of("a", "b"), List.of(List.of("1"))));
    }

    @Test
    void aPictureIsInThePage() throws IOException {
        Path png = folder.resolve("p.png");
        ImageIO.write(new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB), "png", png.toFile());
        HtmlReport report = new HtmlReport("t", "c");
        report.picture(png, "black");
        String page = report.html();
        String bytes = Base64.getEncoder().encodeToString(Files.readAllBytes(png));
        assertTrue(page.contains("src=\"data:image/png;base64," + bytes + "\""));
        assertTrue(page.contains("<img width=\"20\" height=\"10\""));
        Path text = Files.writeString(folder.resolve("t.png"), "no picture");
        IOException refused = assertThrows(IOException.class, () -> report.picture(text, "x"));
        assertEquals(text + ": neither PNG nor GIF nor JPEG", refused.getMessage());
    }

    @Test
    void aFileInTheWayIsKept() throws IOException {
        Path file = Files.writeString(folder.resolve("out"), "mine");
        assertThrows(FileAlreadyExistsException.class, () -> new HtmlReport("t", "c").write(file));
        assertEquals("mine", Files.readString(file));
        Path page = new HtmlReport("t", "c").write(folder.resolve("a/b"));
        assertEquals(folder.resolve("a/b/index.html"), page);
        List<Path> left = new ArrayList<>();
        try (var files = Files.list(page.getParent())) {
            files.forEach(left::add);
        }
        assertEquals(List.of(page), left, "nothing half written stays");
    }

    @Test
    void thePageSaysWhereItWasMade() {
        String page = new HtmlReport("t", "nautile x 'a b'").html();
        assertTrue(page.contains("nautile x &#39;a b&#39;"));
        for (String fact : List.of("Time", "Nautile", "Processor", "Threads", "Default device", "System", "Java")) {
            assertTrue(page.contains("<th scope=\"row\">" + fact + "</th>"), fact);
        }
        assertFalse(page.contains("uPlot="), "no chart needs no script");
        assertTrue(page.toLowerCase(Locale.ROOT).startsWith("<!doctype html>"));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "12, 12",
        "0.123456789, 0.123457",
        "1e-7, 1e-07",
        "2.5e-05, 2.5e-05",
        "1234567.5, 1.23457e+06",
        "NaN, –"
    })
    void numbersHaveSixDigits(double value, String text) {
        assertEquals(text, Html.number(value));
    }
}
