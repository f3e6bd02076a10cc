package org.nautile.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.expressivity.Approximators.Fit;
import org.nautile.models.expressivity.Sigma;

/** How near networks come to a function, drawn. */
final class ApproximatePictures {
    private static final int COLUMNS = 5; // widths, at most

    private ApproximatePictures() {}

    /** The function and what networks make of it: a row for each s, a column for some of the widths. */
    static Picture functions(List<Integer> widths, List<Fit> fits, double[] x, double... y) {
        List<Integer> columns = Frames.spread(widths, COLUMNS);
        List<Fit> shown =
                fits.stream().filter(fit -> columns.contains(fit.width())).toList();
        double[] all = Stream.concat(Stream.of(y), shown.stream().map(Fit::refitted))
                .flatMapToDouble(Arrays::stream)
                .sorted()
                .toArray();
        List<LineChart> charts = shown.stream()
                .map(fit -> new LineChart(
                                String.format(
                                        Locale.ROOT,
                                        "%s, k = %d: error %.2g",
                                        fit.sigma(),
                                        fit.width(),
                                        Fit.error(fit.refitted(), y)),
                                "x",
                                "")
                        .add("f", x, y)
                        .add("g", x, fit.refitted())
                        .range(all[0], all[all.length - 1])
                        .withoutLegend()
                        .size(300, 260))
                .toList();
        return new Grid("Blue: f(x). Orange: g(x) = C s(Ax + b) of k neurons, with the best C", columns.size(), charts);
    }

    /** The largest errors by width, both axes logarithmic. */
    static Picture errors(List<Integer> widths, List<Fit> fits, double[] y, double bound) {
        return new Row(
                "The largest error by the number of neurons",
                chart("With the best C for the learnt A and b", widths, fits, Fit::refitted, y, bound),
                chart("As learnt, in float32", widths, fits, Fit::learnt, y, bound));
    }

    private static Picture chart(
            String title,
            List<Integer> widths,
            List<Fit> fits,
            Function<Fit, double[]> values,
            double[] y,
            double bound) {
        double[] x = widths.stream().mapToDouble(width -> width).toArray();
        LineChart chart = new LineChart(title, "neurons", "max |f - g|")
                .logarithmic()
                .logarithmicX()
                .legendOutside()
                .size(660, 420);
        for (Sigma sigma : Sigma.values()) {
            double[] errors = fits.stream()
                    .filter(fit -> fit.sigma() == sigma)
                    .mapToDouble(fit -> Fit.error(values.apply(fit), y))
                    .toArray();
            if (errors.length > 0) {
                chart.add(sigma.toString(), x, errors);
            }
        }
        double[] least = new double[x.length];
        Arrays.fill(least, bound);
        return chart.add("no cubic is nearer", x, least);
    }
}
