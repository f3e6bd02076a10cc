package org.nautile.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.memory.Cell;
import org.nautile.models.memory.Explosion;
import org.nautile.models.memory.RecallTask;
import org.nautile.optim.Score;

/** How long recurrent networks remember, drawn. */
final class RecallPictures {
    private RecallPictures() {}

    /** The share of right answers by lag; a chart for each kind of network, for lines that would hide each other. */
    static Picture accuracies(List<Integer> lags, Map<Cell, List<Score>> scores) {
        double[] x = lags.stream().mapToDouble(lag -> lag).toArray();
        double[] chance = new double[x.length];
        Arrays.fill(chance, 1.0 / RecallTask.SYMBOLS);
        Picture[] charts = scores.entrySet().stream()
                .map(entry -> new LineChart(entry.getKey().toString(), "symbols between", "right answers")
                        .add(
                                "right",
                                x,
                                entry.getValue().stream()
                                        .mapToDouble(Score::metric)
                                        .toArray())
                        .add("by chance", x, chance)
                        .percent()
                        .range(0, 1)
                        .legendOutside()
                        .size(480, 340))
                .toArray(Picture[]::new);
        return new Row("Which of " + RecallTask.SYMBOLS + " symbols was the first?", charts);
    }

    /** Gradients by the state, by how far back it is. */
    static Picture gradients(int lag, int[] steps, Map<Cell, double[]> before, Map<Cell, double[]> after) {
        double[] age = IntStream.of(steps).mapToDouble(step -> step - lag - 2.0).toArray();
        return SeriesPictures.gradients(
                "Gradient of the loss by the state, with " + lag + " symbols between", age, before, after);
    }

    /** Losses and norms of gradients by step. */
    static Picture explosion(Explosion free, Explosion clipped) {
        String title = String.format(
                Locale.ROOT,
                "A plain RNN whose recurrent weights have spectral radius %.1f at first",
                Explosion.RADIUS);
        double[] x =
                IntStream.rangeClosed(1, free.losses().length).asDoubleStream().toArray();
        return new Row(
                title,
                chart("Norm of the gradient, before clipping", "norm", x, free.norms(), clipped.norms()),
                chart("Loss", "cross-entropy", x, free.losses(), clipped.losses()));
    }

    private static Picture chart(String title, String quantity, double[] x, double[] free, double... clipped) {
        return new LineChart(title, "step", quantity)
                .logarithmic()
                .legendOutside()
                .size(620, 400)
                .add("not clipped", x, free)
                .add("clipped at " + Explosion.CLIP, x, clipped);
    }
}
