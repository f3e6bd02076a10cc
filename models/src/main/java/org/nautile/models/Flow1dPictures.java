package org.nautile.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.nautile.Device;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MappingChart;
import org.nautile.models.charts.MappingChart.Curve;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.flow.Flow;
import org.nautile.models.points.LineSet;

/** A flow on the line, drawn, and the figures in the pictures. */
final class Flow1dPictures {
    private static final int HALF = 5; // densities are drawn from -5 to 5
    private static final int WIDE = 20; // and integrated from -20 to 20
    private static final int PLACES = 401;
    private static final int FRAMES = 4;
    private static final int BINS = 50;
    private static final int LATENT = 4; // the latent line is drawn from -4 to 4

    private final LineSet distribution;
    private final Flow flow;
    private final Device device;
    private final double[] x = places(HALF, PLACES);
    private final double[] z = places(LATENT, PLACES);

    Flow1dPictures(LineSet distribution, Flow flow, Device device) {
        this.distribution = distribution;
        this.flow = flow;
        this.device = device;
    }

    /**
     * What a flow has learnt.
     *
     * @param density of the data, at the places of the pictures
     * @param latent the density that the true distribution has after the flow, at the places of the latent line
     */
    record Learnt(double[] density, double[] latent) {}

    /** Places from -half to half. */
    private static double[] places(int half, int count) {
        double[] places = new double[count];
        Arrays.setAll(places, i -> half * (2.0 * i / (count - 1) - 1));
        return places;
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static double gaussian(double z) {
        return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    }

    private double[] density(double... at) {
        float[] logs = flow.logDensities(floats(at), device);
        return Arrays.stream(doubles(logs)).map(Math::exp).toArray();
    }

    private static double[] doubles(float... values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }

    /** What the flow has learnt by now. */
    Learnt learnt() {
        // q*(z) = p*(x) / F'(x) at x = F^-1(z), and F'(x) = p(x) / q(z)
        float[] back = flow.generate(floats(z), device);
        double[] there = density(doubles(back));
        double[] latent = new double[z.length];
        Arrays.setAll(latent, i -> distribution.density(back[i]) * gaussian(z[i]) / there[i]);
        return new Learnt(density(x), latent);
    }

    /** The integral of the density by now, as a sum. */
    double integral() {
        double[] wide = places(WIDE, 40 * PLACES);
        return DoubleStream.of(density(wide)).sum() * (wide[1] - wide[0]);
    }

    /** The mean negative log-likelihood of numbers under the density that they were drawn from. */
    double trueNegativeLogLikelihood(float... numbers) {
        double sum = 0;
        for (float number : numbers) {
            sum -= Math.log(distribution.density(number));
        }
        return sum / numbers.length;
    }

    /** Points and stretches of the data, joined with those of the latent line they are taken to. */
    Picture mappings() {
        Curve latent = new Curve(
                "latent: N(0, 1)",
                z,
                DoubleStream.of(z).map(Flow1dPictures::gaussian).toArray());
        Curve data = new Curve("data: " + distribution + ", as learnt", x, density(x));
        MappingChart points = new MappingChart(
                "Point to point", "every line joins x below with F(x) above; F never turns back", latent, data);
        MappingChart stretches = new MappingChart(
                "Subset to subset",
                "areas of one colour are alike: each holds as much of the probability",
                latent,
                data);
        float[] ends = {-4, -1.5F, -1, -0.5F, 0, 0.5F, 1, 1.5F, 4};
        float[] from = flow.generate(ends, device);
        float[] drawn = flow.generate(floats(places(2, 17)), device);
        double[] to = places(2, 17);
        for (int i = 0; i < drawn.length; i++) {
            points.point(drawn[i], to[i]);
        }
        for (int i = 1; i < ends.length; i++) {
            stretches.stretch(from[i - 1], from[i], ends[i - 1], ends[i]);
        }
        return new Row("What the flow does to the line", points, stretches);
    }

    /** The data's density and its estimate; that of the latent numbers and the normal one. */
    Picture densities(float... test) {
        Learnt now = learnt();
        float[] latent = flow.normalise(test, device);
        return new Row(
                "",
                data("Density of the data", now).size(620, 380),
                latent("Density of F(x), x from the data", now)
                        .add("F(x) of test data, counted", middles(), counted(latent))
                        .legendOutside()
                        .size(760, 380));
    }

    private static double[] middles() {
        double[] middles = new double[BINS];
        Arrays.setAll(middles, i -> LATENT * ((2 * i + 1.0) / BINS - 1));
        return middles;
    }

    private static double[] counted(float... latent) {
        double[] counts = new double[BINS];
        double width = 2.0 * LATENT / BINS;
        for (float value : latent) {
            int bin = (int) Math.floor((value + LATENT) / width);
            if (bin >= 0 && bin < BINS) {
                counts[bin] += 1 / (latent.length * width);
            }
        }
        return counts;
    }

    private LineChart data(String title, Learnt now) {
        return new LineChart(title, "x", "density")
                .add("true", x, DoubleStream.of(x).map(distribution::density).toArray())
                .add("learnt", x, now.density);
    }

    private LineChart latent(String title, Learnt now) {
        return new LineChart(title, "z", "density")
                .add(
                        "N(0, 1)",
                        z,
                        DoubleStream.of(z).map(Flow1dPictures::gaussian).toArray())
                .add("of F(x)", z, now.latent);
    }

    /** Densities at some of the epochs, 0 for before training. */
    Picture learning(Map<Integer, Learnt> learnt) {
        List<Integer> epochs = Frames.some(List.copyOf(learnt.keySet()), FRAMES);
        List<Picture> charts = new ArrayList<>();
        for (int epoch : epochs) {
            charts.add(data(Frames.title(epoch), Objects.requireNonNull(learnt.get(epoch)))
                    .size(400, 300));
        }
        for (int epoch : epochs) {
            charts.add(latent(Frames.title(epoch), Objects.requireNonNull(learnt.get(epoch)))
                    .size(400, 300));
        }
        return new Grid("Learning steps: above the data, below the latent line", epochs.size(), charts);
    }
}
