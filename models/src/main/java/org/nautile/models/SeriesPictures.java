package org.nautile.models;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.memory.Cell;
import org.nautile.models.series.RollingOrigin;
import org.nautile.models.series.Series;

/** What recurrent networks make of a series, drawn. */
final class SeriesPictures {
    private static final int SHOWN = 120; // numbers of the series, about
    private static final int WIDTH = 1120;

    private SeriesPictures() {}

    /** The last stretch with forecasts end to end, each made of what is before it, and the error by distance. */
    static Picture forecast(Series series, Map<String, RollingOrigin> forecasts) {
        int horizon = series.horizon();
        int pieces = Math.max(1, Math.min(SHOWN, series.origins() + horizon - 1) / horizon);
        int shown = pieces * horizon;
        int from = series.values().length - shown;
        double[] x = IntStream.range(from, from + shown).asDoubleStream().toArray();
        double[] truth = IntStream.range(from, from + shown)
                .mapToDouble(i -> series.values()[i])
                .toArray();
        String title = "Forecasts from every " + horizon + "th number, " + horizon + " ahead";
        LineChart lines = new LineChart(title, "number in the series", series.name())
                .legendOutside()
                .size(WIDTH, 400);
        LineChart errors = new LineChart("Error by distance", "numbers ahead", "root mean squared error")
                .legendOutside()
                .size(WIDTH, 320);
        double[] steps = IntStream.rangeClosed(1, horizon).asDoubleStream().toArray();
        forecasts.forEach((name, forecast) -> {
            double[] said = IntStream.range(0, shown)
                    .mapToDouble(i -> forecast.forecast(from - series.trainSize() + i - i % horizon)[i % horizon])
                    .toArray();
            lines.add(name, x, said);
            errors.add(
                    name,
                    steps,
                    IntStream.range(0, horizon).mapToDouble(forecast::rmse).toArray());
        });
        lines.add("truth", x, truth); // the last one: what both charts show has the same colours
        return new Grid("", 1, List.of(lines, errors));
    }

    /** How much the numbers of a window matter, by their age. */
    static Picture gradients(Map<Cell, double[]> before, Map<Cell, double[]> after) {
        int window = before.values().iterator().next().length;
        return gradients(
                "Gradient of the loss by what was read: how far back a network is moved by it",
                IntStream.range(0, window).mapToDouble(i -> i - window + 1.0).toArray(),
                before,
                after);
    }

    /** Norms of gradients at these time steps. */
    static Picture gradients(String title, double[] steps, Map<Cell, double[]> before, Map<Cell, double[]> after) {
        return new Row(title, byAge("Before training", steps, before), byAge("After training", steps, after));
    }

    private static Picture byAge(String title, double[] steps, Map<Cell, double[]> norms) {
        LineChart chart = new LineChart(title, "time step, 0 is the newest", "norm of the gradient")
                .logarithmic()
                .legendOutside();
        norms.forEach((cell, values) -> chart.add(cell.toString(), steps, values));
        return chart;
    }
}
