package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.data.RealData;
import org.nautile.models.series.Series;

/** {@code nautile train time-series}. */
@ExtendWith(RestoresDefaults.class)
class TimeSeriesTest {
    private static final Pattern FIGURE = Pattern.compile("([0-9.]+) \\(([a-z ]+)\\)");

    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train time-series --out " + folder.resolve("out") + " " + options).split(" +"));
    }

    /** The figures of the last line, by name. */
    private static Figures figures(Outcome outcome) {
        String last = outcome.last();
        assertTrue(last.startsWith("test rmse "), last);
        Map<String, Double> figures = new HashMap<>();
        Matcher matcher = FIGURE.matcher(last);
        while (matcher.find()) {
            figures.put(matcher.group(2), Double.valueOf(matcher.group(1)));
        }
        return new Figures(figures);
    }

    /** What the last line says of each forecaster. */
    private record Figures(Map<String, Double> of) {
        double of(String name) {
            return Objects.requireNonNull(of.get(name), () -> name + " in " + of);
        }
    }

    @Test
    void quickRunBeatsNaiveForecastsOfTheSine() throws IOException {
        Outcome outcome = train("--series sine --quick --epochs 20 --clip 1");
        Figures figures = figures(outcome);
        assertEquals(5, figures.of.size(), outcome::toString);
        double best = Double.POSITIVE_INFINITY;
        for (String cell : List.of("rnn", "lstm", "gru")) {
            assertTrue(figures.of(cell) < 0.25 * figures.of("last value"), outcome::toString);
            best = Math.min(best, figures.of(cell));
        }
        assertTrue(best < figures.of("seasonal"), outcome::toString);
        assertTrue(outcome.out().contains("\n10 148 parameters"), outcome::toString);
        LeftFiles.pictures(folder.resolve("out"), "forecast.png", "gradients.png");
        JsonNode epochs = new ObjectMapper()
                .readTree(folder.resolve("out").resolve("history.json").toFile())
                .path("epochs");
        double mean = (figures.of("rnn") + figures.of("lstm") + figures.of("gru")) / 3;
        assertEquals(mean, epochs.path(19).path("test_rmse").asDouble(), 1e-3 * mean);
    }

    /** Each network is trained as it would be alone, if nothing is clipped. */
    @Test
    void networksDoNotDisturbEachOther() {
        String options = "--series sine --quick --limit 64 --epochs 2 --cell ";
        Figures both = figures(train(options + "lstm,rnn"));
        assertEquals(figures(train(options + "lstm")).of("lstm"), both.of("lstm"), 1e-3);
        assertEquals(figures(train(options + "RNN")).of("rnn"), both.of("rnn"), 1e-3);
    }

    /** A line, which a network that reads differences continues at once. */
    @Test
    void forecastsAColumnOfAnyFile() throws IOException {
        StringBuilder text = new StringBuilder("\"when, at last\",\"the count\"\n");
        for (int i = 0; i < 120; i++) {
            text.append("\"day ").append(i).append("\",").append(3 * i).append('\n');
        }
        Path file = folder.resolve("line.csv");
        Files.writeString(file, text);
        Outcome outcome = Outcome.of(
                "train",
                "time-series",
                "--csv",
                file.toString(),
                "--column",
                "the count",
                "--window",
                "8",
                "--horizon",
                "4",
                "--season",
                "2",
                "--cell",
                "gru",
                "--epochs",
                "60",
                "--lr",
                "0.01",
                "--out",
                folder.resolve("out").toString());
        Figures figures = figures(outcome);
        assertEquals(8.216, figures.of("last value"), 1e-3); // 3 times the root of (1 + 4 + 9 + 16) / 4
        assertTrue(figures.of("gru") < 1, outcome::toString);
        assertTrue(outcome.out().contains("85 windows of 8 to train on, 21 forecasts of 4 to test"), outcome::toString);
    }

    @Test
    void badFilesAreNamedWithLineAndColumn() throws IOException {
        Path file = folder.resolve("bad.csv");
        Files.writeString(file, "a,b\n1,2\n3,x\n");
        String error = train("--csv " + file + " --column b").error(1);
        assertTrue(error.contains("bad.csv: line 3: column 'b': 'x'"), error);
        Files.writeString(file, "a,b\n1,2\n3,4\n");
        error = train("--csv " + file + " --column b").error(1);
        assertTrue(error.contains("bad.csv: 2 numbers"), error);
        error = train("--csv " + folder.resolve("none.csv") + " --column b").error(1);
        assertTrue(error.contains("none.csv"), error);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--cell tanh",
                "--cell gru,gru",
                "--hidden 0",
                "--window 0",
                "--horizon -1",
                "--season 100000",
                "--csv some.csv",
                "--column b",
                "--csv some.csv --column b --series sine",
                "--series moon"
            })
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }

    /** Seven epochs of thirty; all of them bring 24 to 27. */
    @Test
    void sunspotsAreForecastBetterThanByTheLastValue() {
        Path data = RealData.folder(Series.DATA, Series.Known.SUNSPOTS::isIn);
        Figures figures = figures(train("--data " + data + " --epochs 7"));
        assertEquals(31.92, figures.of("last value"));
        for (String cell : List.of("rnn", "lstm", "gru")) {
            assertTrue(figures.of(cell) < 0.97 * figures.of("last value"), figures::toString);
        }
    }
}
