package org.nautile.models.series;

/**
 * Forecasts of the part of a series that is held out, one from each origin; the origin moves on by one number at a
 * time, and all before it are known.
 */
public final class RollingOrigin {
    private final Series series;
    private final double[][] forecasts;

    /**
     * Forecasts that were made.
     *
     * @param series what was forecast
     * @param forecasts [origins][horizon], in the series's unit
     */
    public RollingOrigin(Series series, double[][] forecasts) {
        if (forecasts.length != series.origins()) {
            throw new IllegalArgumentException(forecasts.length + " forecasts from " + series.origins() + " origins");
        }
        this.series = series;
        this.forecasts = forecasts;
    }

    /**
     * Forecasts that things stay as they are.
     *
     * @param series with origins
     * @return the last known number, for the whole horizon
     */
    public static RollingOrigin lastValue(Series series) {
        return repeated(series, 1);
    }

    /**
     * Forecasts that things are as they were a season ago.
     *
     * @param series with origins
     * @return the numbers of the last known season, repeated
     */
    public static RollingOrigin seasonal(Series series) {
        return repeated(series, series.season());
    }

    private static RollingOrigin repeated(Series series, int season) {
        double[][] forecasts = new double[series.origins()][series.horizon()];
        for (int origin = 0; origin < forecasts.length; origin++) {
            for (int step = 0; step < series.horizon(); step++) {
                forecasts[origin][step] = series.values()[series.trainSize() + origin - season + step % season];
            }
        }
        return new RollingOrigin(series, forecasts);
    }

    /**
     * The forecast from an origin.
     *
     * @param origin from 0, the end of the part to learn from
     * @return [horizon]
     */
    public double[] forecast(int origin) {
        return forecasts[origin].clone();
    }

    /**
     * The root of the mean squared error over all origins and the whole horizon.
     *
     * @return in the series's unit
     */
    public double rmse() {
        double sum = 0;
        for (int step = 0; step < series.horizon(); step++) {
            sum += Math.pow(rmse(step), 2) / series.horizon();
        }
        return Math.sqrt(sum);
    }

    /**
     * The root of the mean squared error over all origins, at one distance.
     *
     * @param step from 0, the number right after the known ones
     * @return in the series's unit
     */
    public double rmse(int step) {
        double sum = 0;
        for (int origin = 0; origin < forecasts.length; origin++) {
            double difference = forecasts[origin][step] - series.values()[series.trainSize() + origin + step];
            sum += difference * difference / forecasts.length;
        }
        return Math.sqrt(sum);
    }
}
