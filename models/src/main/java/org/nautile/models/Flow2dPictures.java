package org.nautile.models;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nautile.Generator;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.ScatterChart;
import org.nautile.models.flow.Density;
import org.nautile.models.flow.Flow;
import org.nautile.models.points.Points;
import org.nautile.optim.EpochResult;

/** A flow in the plane, drawn, and the figures in the pictures. */
final class Flow2dPictures {
    private static final int SIDE = 130;
    private static final double WIDE = 6; // and integrated from -6 to 6
    private static final int FINE = 600;
    private static final double LATENT = 3.6;
    private static final int SHOWN = 2000; // points
    private static final int FRAMES = 8;
    private static final int COLUMNS = 4;
    private static final long SAMPLE_STREAM = 2;

    private final Flow flow;
    private final Points test;
    private final Run run;
    private final double half; // what is drawn of both axes, from minus this to this: more than the test points fill

    Flow2dPictures(Flow flow, Points test, Run run) {
        this.flow = flow;
        this.test = test;
        this.run = run;
        double most = 0;
        for (float place : test.places()) {
            most = Math.max(most, Math.abs(place));
        }
        half = 1.1 * most;
    }

    /** What the flow has learnt by now. */
    Density density() {
        return Density.of(flow, half, SIDE, run.device());
    }

    /** How much of the density is where data could be. */
    double integral() {
        return Density.of(flow, WIDE, FINE, run.device()).integral();
    }

    /** The training points, counted, beside the density that was learnt. */
    Picture densities(Points train) {
        Density data = Density.of(train.places(), half, SIDE / 2);
        Density learnt = density();
        ImageGrid grid = new ImageGrid(
                "Density",
                String.format(Locale.ROOT, "x and y from -%.1f to %.1f; darkest from the same density on", half, half),
                2,
                420);
        add(grid, data, learnt.high(), train.size() + " points, counted in squares", "");
        add(grid, learnt, learnt.high(), "learnt", "");
        return grid;
    }

    private static void add(ImageGrid grid, Density density, double dark, String first, String second) {
        grid.add(density.pixels(dark), 3, density.side(), density.side(), first, second);
    }

    /** Both directions: test points and their latent ones, latent points and what is made of them. */
    Picture samples() {
        int count = Math.min(SHOWN, test.size());
        float[] places = new float[2 * count];
        int[] labels = new int[count];
        Generator random = new Generator(run.seed(), SAMPLE_STREAM);
        float[] latent = new float[2 * count];
        int[] halves = new int[count];
        int[] all = test.labels();
        for (int i = 0; i < count; i++) {
            test.sample(i, places, 2 * i);
            labels[i] = all[i];
            latent[2 * i] = (float) random.nextGaussian();
            latent[2 * i + 1] = (float) random.nextGaussian();
            halves[i] = latent[2 * i] < 0 ? 0 : 1;
        }
        float[] normalised = flow.normalise(places, run.device());
        float[] generated = flow.generate(latent, run.device());
        return new Grid(
                "",
                2,
                List.of(
                        scatter("Data x", "test points, a colour for each class", places, labels, half),
                        scatter("F(x)", "the normalising direction", normalised, labels, LATENT),
                        scatter("Samples", "the generative direction", generated, halves, half),
                        scatter("Latent z", "from N(0, I), a colour for each half", latent, halves, LATENT)));
    }

    private static Picture scatter(String title, String subtitle, float[] places, int[] labels, double half) {
        double[][] points = new double[labels.length][];
        for (int i = 0; i < points.length; i++) {
            points[i] = new double[] {places[2 * i], places[2 * i + 1]};
        }
        return new ScatterChart(title, subtitle, points, labels, List.of()).within(half);
    }

    /** Densities at some of the epochs, 0 for before training, and how the likelihood changes. */
    Picture learning(Map<Integer, Density> learnt, List<EpochResult> epochs) {
        ImageGrid grid = new ImageGrid("Learning steps", "the density; darkest from the same value on", COLUMNS, 240);
        double dark = density().high();
        for (int epoch : Frames.some(List.copyOf(learnt.keySet()), FRAMES)) {
            String likelihood = epochs.stream()
                    .filter(result -> result.epoch() == epoch)
                    .map(result -> String.format(Locale.ROOT, "test: %.3f nats", result.testLoss()))
                    .findFirst()
                    .orElse("");
            Density then = learnt.get(epoch);
            if (then != null) {
                add(grid, then, dark, Frames.title(epoch), likelihood);
            }
        }
        double[] x = TrainingPictures.column(epochs, EpochResult::epoch);
        Picture curve = new LineChart("Negative log-likelihood", "epoch", "nats")
                .add("train", x, TrainingPictures.column(epochs, EpochResult::trainLoss))
                .add("test", x, TrainingPictures.column(epochs, EpochResult::testLoss))
                .size(grid.width(), 320);
        return new Grid("", 1, List.of(grid, curve));
    }
}
