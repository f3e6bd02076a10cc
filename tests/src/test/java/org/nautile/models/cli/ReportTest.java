package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;
import org.nautile.models.charts.Picture;

/** The page that {@code nautile train} leaves, and those of {@code nautile report}. */
@ExtendWith(RestoresDefaults.class)
class ReportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern DATA = Pattern.compile("<script type=\"application/json\"[^>]*>(.*?)</script>");

    @TempDir
    private Path folder = Path.of("");

    /** A history of so many epochs, whose test loss is the lowest in the second. */
    private Path run(String name, int epochs, double rate) throws IOException {
        List<String> entries = new ArrayList<>();
        for (int e = 1; e <= epochs; e++) {
            double test = e == 2 ? 0.25 : 0.5;
            entries.add("{\"epoch\":" + e + ",\"learning_rate\":" + rate + ",\"train_loss\":" + 1.0 / e
                    + ",\"test_loss\":" + test + ",\"test_iou\":0.75,\"seconds\":2,\"samples_per_second\":100}");
        }
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(
                run.resolve("history.json"),
                "{\"model\":\"unet\",\"device\":\"cpu\",\"learning_rate\":" + rate
                        + ",\"options\":{\"depth\":\"3\",\"title\":\"<script>alert(1)</script>\"},\"epochs\":["
                        + String.join(",", entries) + "]}");
        return run;
    }

    private static List<JsonNode> charts(Path page) throws IOException {
        List<JsonNode> charts = new ArrayList<>();
        Matcher found = DATA.matcher(Files.readString(page));
        while (found.find()) {
            charts.add(JSON.readTree(found.group(1)));
        }
        return charts;
    }

    private static Path page(String... args) {
        Outcome outcome = Outcome.of(args);
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().startsWith("page: "), outcome::toString);
        return Path.of(outcome.out().substring(6).strip());
    }

    @Test
    void trainingLeavesItsPage() throws IOException {
        Path out = folder.resolve("my run");
        Outcome outcome =
                Outcome.of("train", "mnist-mlp", "--quick", "--limit", "100", "--epochs", "2", "--out", out.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        JsonNode history = JSON.readTree(out.resolve("history.json").toFile());
        String text = Files.readString(out.resolve("index.html"));
        assertTrue(text.contains("nautile train mnist-mlp --quick --limit 100 --epochs 2 --out &#39;" + out + "&#39;"));
        JsonNode loss = charts(out.resolve("index.html")).get(0);
        assertEquals("[\"train loss\",\"test loss\"]", loss.path("series").toString());
        for (int e = 0; e < 2; e++) {
            assertEquals(
                    history.path("epochs").get(e).path("test_loss").asDouble(),
                    loss.path("data").get(2).get(e).asDouble());
        }
        if (Picture.obstacle().isEmpty()) {
            assertEquals(3, text.split("src=\"data:image/png;base64,", -1).length - 1, "pictures");
        }
    }

    @Test
    void twoRunsLieOverEachOther() throws IOException {
        Path first = run("a", 3, 0.1);
        Path second = run("b", 2, 0.2);
        Path page = page("report", first.toString(), second.toString());
        assertEquals(first.resolve("beside-b/index.html"), page);
        List<JsonNode> charts = charts(page);
        assertEquals(4, charts.size(), "two losses, IoU, speed");
        assertEquals("[\"a\",\"b\"]", charts.get(0).path("series").toString());
        assertEquals("[0.5,0.25,0.5]", charts.get(1).path("data").get(1).toString());
        assertEquals("[0.5,0.25,null]", charts.get(1).path("data").get(2).toString(), "the second run has two epochs");
        String text = Files.readString(page);
        int different = text.indexOf("What the runs differ in");
        int common = text.indexOf("What they have in common");
        int rate = text.indexOf("<td>learning rate</td>");
        int depth = text.indexOf("<td>--depth</td>");
        assertTrue(different > 0 && different < rate && rate < common && common < depth, "settings in their places");
        assertFalse(text.contains("<script>alert(1)"), "an option's value is text");
    }

    @Test
    void theLowestLossIsNamed() throws IOException {
        String text = Files.readString(page("report", run("a", 3, 0.1).toString()));
        assertTrue(
                text.contains("<td>lowest loss</td><td class=\"n\">2</td><td class=\"n\">0.5000</td>"
                        + "<td class=\"n\">0.2500</td><td class=\"n\">0.7500</td><td class=\"n\">4.00</td>"),
                text.substring(text.indexOf("<main")));
    }

    @Test
    void badInputIsOneLine() throws IOException {
        Path none = folder.resolve("none");
        assertEquals(
                "nautile: " + none + ": no history.json in it; nautile train leaves one in its --out",
                Outcome.of("report", none.toString()).error(1));
        Path bad = Files.createDirectories(folder.resolve("bad"));
        Files.writeString(bad.resolve("history.json"), "{\"epochs\":");
        assertTrue(Outcome.of("report", bad.toString()).error(1).contains(bad.resolve("history.json") + ": "));
        Files.writeString(bad.resolve("history.json"), "{\"epochs\":[3]}");
        assertEquals(
                "nautile: " + bad.resolve("history.json")
                        + ": not the history of a training, which has a list of epochs",
                Outcome.of("report", bad.toString()).error(1));
        Path file = Files.writeString(folder.resolve("file"), "mine");
        String refused = Outcome.of("report", run("a", 1, 0.1).toString(), "--out", file.toString())
                .error(1);
        assertTrue(refused.contains("cannot write " + file), refused);
        assertEquals("mine", Files.readString(file));
        assertTrue(Outcome.of("report").error(2).contains("RUN"));
    }
}
