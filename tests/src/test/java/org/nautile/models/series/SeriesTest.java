package org.nautile.models.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.data.RealData;
import org.nautile.io.DataException;
import org.nautile.models.memory.Cell;

/** Series, how they are read and cut, and what forecasts of them are worth. */
@ExtendWith(RestoresDefaults.class)
class SeriesTest {
    /** Eight numbers to learn from, two held out. */
    private static final Series TEN = new Series("ten", new double[] {1, 2, 3, 4, 5, 6, 7, 8, 20, 0}, 3, 1, 3);

    @TempDir
    private Path folder = Path.of("");

    private double[] read(String text, String column) throws IOException {
        Path file = folder.resolve("some.csv");
        Files.writeString(file, text);
        return CsvColumn.read(file, column);
    }

    @Test
    void readsAColumnWithQuotes() throws IOException {
        String text = "\uFEFFday,\"the \"\"low\"\", C\"\r\n\"1, or\n2\",-1.5\r\n3,\"2e1\"\n\n4, 7 ";
        assertArrayEquals(new double[] {-1.5, 20, 7}, read(text, "the \"low\", C"));
        assertArrayEquals(new double[] {}, read("a,b\n", "b"));
    }

    /** Line ends are written as |. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\'',
            value = {
                "a,b|1,2; c; line 1: no column 'c'",
                "a,a|1,2; a; line 1: two columns 'a'",
                "''; a; line 1: no column 'a'",
                "a,b|1,2|3; b; line 3: 1 fields, 2 expected",
                "a,b|1,2|3,4,5; b; line 3: 3 fields, 2 expected",
                "a,b|\"x|y\",2|3,four; b; line 4: column 'b': 'four'",
                "a,b|1,; b; line 2: column 'b': ''",
                "a,b|1,NaN; b; line 2: column 'b': 'NaN'",
                "a,b|1,\"2; b; line 2: field 2: a quote that is never closed",
                "a|1||3; a; line 3: column 'a': ''",
                "a,b|\"1\"x,2; b; line 2: field 1: text after the closing quote"
            })
    void faultsAreNamed(String text, String column, String fault) {
        String message = assertThrows(DataException.class, () -> read(text.replace('|', '\n'), column))
                .toString();
        assertTrue(message.contains("some.csv: " + fault), message);
    }

    /** What is held out, 20 and 0, changes nothing. */
    @Test
    void scalingIsThatOfTheTrainingPart() {
        Scaling scaling = Scaling.of(TEN);
        assertEquals(4.5, scaling.mean(), 1e-12);
        assertEquals(Math.sqrt(5.25), scaling.deviation(), 1e-12);
        assertEquals(20, scaling.unscale(scaling.scale(20)), 1e-5);
        double[] constant = {3, 3, 3, 3, 3};
        assertEquals(0, Scaling.of(new Series("flat", constant, 1, 1, 1)).scale(3));
    }

    @Test
    void windowsDoNotLookAhead() {
        Scaling none = new Scaling(0, 1);
        Windows train = Windows.train(TEN, none, Integer.MAX_VALUE);
        assertEquals(5, train.size());
        assertEquals(Shape.of(4), train.sampleShape());
        assertArrayEquals(new float[] {1, 2, 3, 4}, sample(train, 0));
        assertArrayEquals(new float[] {5, 6, 7, 8}, sample(train, 4));
        Windows first = Windows.train(TEN, none, 2);
        assertEquals(2, first.size());
        assertArrayEquals(new float[] {2, 3, 4, 5}, sample(first, 1));
        Windows test = Windows.test(TEN, none);
        assertEquals(2, test.size());
        assertArrayEquals(new float[] {6, 7, 8, 20}, sample(test, 0));
        assertArrayEquals(new float[] {7, 8, 20, 0}, sample(test, 1));
    }

    private static float[] sample(Windows windows, int index) {
        float[] into = new float[5];
        windows.sample(index, into, 1);
        return Arrays.copyOfRange(into, 1, 5);
    }

    @Test
    void naiveForecastsByHand() {
        RollingOrigin last = RollingOrigin.lastValue(TEN);
        assertArrayEquals(new double[] {8}, last.forecast(0));
        assertArrayEquals(new double[] {20}, last.forecast(1));
        assertEquals(Math.sqrt((144 + 400) / 2.0), last.rmse(), 1e-12);
        RollingOrigin seasonal = RollingOrigin.seasonal(TEN);
        assertArrayEquals(new double[] {6}, seasonal.forecast(0));
        assertArrayEquals(new double[] {7}, seasonal.forecast(1));
        assertEquals(Math.sqrt((196 + 49) / 2.0), seasonal.rmse(), 1e-12);
    }

    /** Three held-out numbers, forecasts of two: from two origins. A season of one and a half horizons begins again. */
    @Test
    void rollingOriginByHand() {
        double[] values = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 10, 20, 30};
        Series series = new Series("steps", values, 3, 2, 1);
        assertEquals(12, series.trainSize());
        assertEquals(2, series.origins());
        RollingOrigin forecasts = new RollingOrigin(series, new double[][] {{13, 20}, {20, 34}});
        assertEquals(Math.sqrt(9 / 2.0), forecasts.rmse(0), 1e-12); // 3 and 0 beside the truth
        assertEquals(Math.sqrt(16 / 2.0), forecasts.rmse(1), 1e-12); // 0 and 4
        assertEquals(Math.sqrt(25 / 4.0), forecasts.rmse(), 1e-12);
        assertArrayEquals(new double[] {2, 2}, RollingOrigin.seasonal(series).forecast(0));
        Series longer = new Series("steps", values, 3, 3, 2);
        assertArrayEquals(new double[] {1, 2, 1}, RollingOrigin.seasonal(longer).forecast(0));
        assertThrows(IllegalArgumentException.class, () -> new RollingOrigin(series, new double[1][2]));
    }

    @Test
    void seriesThatAreTooShortSayHowLongTheyMustBe() throws IOException {
        Path file = Path.of("a.csv");
        for (int window = 1; window < 8; window++) {
            for (int horizon = 1; horizon < 8; horizon++) {
                int[] shape = {window, horizon};
                int least = 1;
                while (new Series("s", new double[least], shape[0], shape[1], 1).trainSize() < window + horizon
                        || new Series("s", new double[least], shape[0], shape[1], 1).origins() < 1) {
                    least++;
                }
                Series series = new Series("s", new double[least - 1], window, horizon, 1);
                String message = assertThrows(DataException.class, () -> series.require(file))
                        .toString();
                assertTrue(message.endsWith(" at least " + least), message + "; " + least);
                Series enough = new Series("s", new double[least], window, horizon, 1);
                assertEquals(enough, enough.require(file));
            }
        }
    }

    /** A window moved up is forecast moved up; a number long ago has less say than the last one, but has some. */
    @ParameterizedTest
    @EnumSource(Cell.class)
    void networksReadDifferences(Cell cell) {
        Device.setDefault(Device.of("reference"));
        try (Scope scope = new Scope();
                Forecaster network = new Forecaster(cell, 5, 8, 3, new Generator(1, 0))) {
            float[] x = new float[2 * 11];
            float[] higher = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) Math.sin(i);
                higher[i] = x[i] + 2;
            }
            float[] low = network.forward(Tensor.of(x, 2, 11)).toFloatArray();
            float[] high = network.forward(Tensor.of(higher, 2, 11)).toFloatArray();
            assertEquals(6, low.length);
            for (int i = 0; i < low.length; i++) {
                assertEquals(low[i] + 2, high[i], 1e-5);
            }
            double[] norms = network.gradientNorms(Tensor.of(x, 2, 11));
            assertEquals(8, norms.length);
            assertTrue(norms[0] > 0 && norms[0] < 0.5 * norms[7], Arrays.toString(norms));
        }
    }

    /** The norms are those of the loss's differences, where the number in question is not the last one. */
    @ParameterizedTest
    @EnumSource(Cell.class)
    void gradientNormsAreThoseOfDifferences(Cell cell) {
        Device.setDefault(Device.of("reference"));
        try (Scope scope = new Scope();
                Forecaster network = new Forecaster(cell, 5, 4, 2, new Generator(1, 0))) {
            float[] x = {0.5F, -1, 0.25F, 1, 2, -1};
            double[] norms = network.gradientNorms(Tensor.of(x, 1, 6));
            for (int i = 0; i < 3; i++) {
                float[] up = x.clone();
                float[] down = x.clone();
                up[i] += 0.01F;
                down[i] -= 0.01F;
                double slope = (network.loss(Tensor.of(up, 1, 6)).item()
                                - network.loss(Tensor.of(down, 1, 6)).item())
                        / 0.02;
                assertEquals(Math.abs(slope), norms[i], 1e-3, cell + " at " + i);
            }
        }
    }

    /** Which others learn beside a network does not matter. */
    @Test
    void firstWeightsAreTheKindsOwn() {
        Device.setDefault(Device.of("reference"));
        try (Forecasters all = new Forecasters(List.of(Cell.values()), 32, 48, 12, 3);
                Forecasters one = new Forecasters(List.of(Cell.GRU), 32, 48, 12, 3)) {
            assertEquals(10_148, all.parameterCount());
            String name = "gru.rnn.weight_hh_l0";
            assertArrayEquals(
                    Objects.requireNonNull(one.parameters().get(name)).value().toFloatArray(),
                    Objects.requireNonNull(all.parameters().get(name)).value().toFloatArray());
        }
    }

    @Test
    void realSeriesAreRead() throws IOException {
        Path data = RealData.folder(
                Series.DATA,
                folder -> Stream.of("monthly-sunspots.csv", "airline-passengers.csv", "daily-min-temperatures.csv")
                        .allMatch(file -> Files.exists(folder.resolve(file))));
        Series sunspots = Series.Known.SUNSPOTS.load(data);
        assertEquals(2820, sunspots.values().length);
        assertEquals(58.0, sunspots.values()[0]);
        assertEquals(31.9, RollingOrigin.lastValue(sunspots).rmse(), 0.1);
        assertEquals(144, Series.Known.AIRLINE.load(data).values().length);
        assertEquals(3650, Series.Known.TEMPERATURES.load(data).values().length);
    }
}
