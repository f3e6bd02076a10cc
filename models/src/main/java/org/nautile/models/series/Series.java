package org.nautile.models.series;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.nautile.Generator;
import org.nautile.io.DataException;

/**
 * Numbers at equal distances in time. The first four fifths are to learn from, the rest is held out.
 *
 * @param name what they are, with their unit
 * @param values from the first to the last
 * @param window the numbers that a forecast is made of
 * @param horizon the numbers that are forecast at once
 * @param season after how many numbers they are much the same again; at most those to learn from
 */
public record Series(String name, double[] values, int window, int horizon, int season) {
    /** The name of the data set and of its folder. */
    public static final String DATA = "timeseries";

    private static final int SINE_PERIOD = 25;

    /** The series that have a name. */
    public enum Known {
        /** Monthly numbers of sunspots, 1749 to 1983; their cycle takes about 11 years. */
        SUNSPOTS("monthly sunspots", "monthly-sunspots.csv", "Sunspots", 48, 12, 132),
        /** Monthly passengers, 1949 to 1960. */
        AIRLINE("airline passengers, thousands", "airline-passengers.csv", "Passengers", 24, 12, 12),
        /** The lowest temperature of each day in Melbourne, 1981 to 1990. */
        TEMPERATURES("daily minimum, degrees C", "daily-min-temperatures.csv", "Temp", 36, 7, 365),
        /** A sine with noise, drawn from the seed. */
        SINE("noisy sine", "", "", 50, 12, SINE_PERIOD);

        private final String title;
        private final String file;
        private final String column;
        private final int window;
        private final int horizon;
        private final int season;

        Known(String title, String file, String column, int window, int horizon, int season) {
            this.title = title;
            this.file = file;
            this.column = column;
            this.window = window;
            this.horizon = horizon;
            this.season = season;
        }

        /**
         * Where this series is.
         *
         * @param folder of the data set
         * @return the file
         */
        public Path in(Path folder) {
            return folder.resolve(file);
        }

        /**
         * Whether a folder holds this series.
         *
         * @param folder the folder
         * @return true if its file is there
         */
        public boolean isIn(Path folder) {
            return Files.isRegularFile(in(folder));
        }

        /**
         * Reads the series.
         *
         * @param folder where {@link #isIn} is true
         * @return the series with its own window, horizon and season
         * @throws IOException if the file cannot be read or is damaged
         */
        public Series load(Path folder) throws IOException {
            return new Series(title, CsvColumn.read(in(folder), column), window, horizon, season);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Draws a sine of amplitude 1 and period 25 with normal noise of deviation 0.1.
     *
     * @param seed of the noise
     * @param size the numbers
     * @return the series
     */
    public static Series sine(long seed, int size) {
        Generator random = new Generator(seed, 7);
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = Math.sin(2 * Math.PI * i / SINE_PERIOD) + 0.1 * random.nextGaussian();
        }
        Known sine = Known.SINE;
        return new Series(sine.title, values, sine.window, sine.horizon, sine.season);
    }

    /**
     * The numbers to learn from.
     *
     * @return four fifths of all, from the first
     */
    public int trainSize() {
        return (int) (values.length * 4L / 5);
    }

    /**
     * The places where forecasts of the held-out part begin: every one whose forecast ends within the series.
     *
     * @return {@code <= 0} if there is none
     */
    public int origins() {
        return values.length - trainSize() - horizon + 1;
    }

    /**
     * Checks that there is something to learn and to forecast.
     *
     * @param file which file the series is from, for the message
     * @return this
     * @throws DataException if it is too short
     */
    public Series require(Path file) throws DataException {
        if (trainSize() < window + horizon || origins() < 1) {
            throw new DataException(
                    file,
                    values.length + " numbers; windows of " + window + " and forecasts of " + horizon
                            + " need at least "
                            + Math.max((5L * (window + horizon) + 3) / 4, 5L * horizon - 4));
        }
        return this;
    }
}
