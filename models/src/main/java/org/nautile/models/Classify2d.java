package org.nautile.models;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nautile.Generator;
import org.nautile.models.expressivity.PlaneClassifiers;
import org.nautile.models.expressivity.PlaneModel;
import org.nautile.models.points.PlaneSet;
import org.nautile.models.points.Points;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Two classes in the plane, told apart by models that can express more and more: logistic regression, the same on
 * polynomials and on radial basis functions, and perceptrons, which learn their features.
 */
public final class Classify2d implements Model {
    private static final List<PlaneSet> SETS =
            List.of(PlaneSet.MOONS, PlaneSet.CIRCLES, PlaneSet.XOR, PlaneSet.SPIRALS);
    private static final int TRAIN = 1000; // points of a set
    private static final int QUICK_TRAIN = 500;
    private static final int TEST = 1000;
    private static final int MOST = 10_000;
    private static final int COLUMN = 11; // letters, in the table

    @Option(
            names = "--widths",
            split = ",",
            paramLabel = "N",
            description = "Units of the hidden layers of the perceptrons, with commas between. Default: 4,16,64.")
    List<Integer> widths = List.of(4, 16, 64);

    @Option(names = "--centres", paramLabel = "N", description = "Radial basis functions. Default: ${DEFAULT-VALUE}.")
    int centres = 50;

    @Option(
            names = "--radius",
            paramLabel = "X",
            description = "The standard deviation of a radial basis function. Default: ${DEFAULT-VALUE}.")
    double radius = 0.4;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public Classify2d() {
        techniques.schedule = Techniques.ScheduleKind.COSINE;
    }

    @Override
    public void check() {
        Options.distinct("--widths", widths);
        widths.forEach(width -> Options.fromOne("--widths", width, MOST));
        Options.fromOne("--centres", centres, MOST);
        if (!(radius > 0 && Double.isFinite(radius))) {
            throw new IllegalArgumentException("--radius " + radius + " is not a positive number");
        }
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: points, others to test
        int size = Math.min(run.quick() ? QUICK_TRAIN : TRAIN, run.limit());
        Map<PlaneSet, Points> train = new EnumMap<>(PlaneSet.class);
        Map<PlaneSet, Points> test = new EnumMap<>(PlaneSet.class);
        for (PlaneSet set : SETS) {
            train.put(set, set.draw(size, 2 * run.seed() + 1));
            test.put(set, set.draw(TEST, 2 * run.seed() + 2));
        }

        // the networks: one of each kind for each set
        List<PlaneModel> models = PlaneModel.growing(centres, radius, widths);
        try (PlaneClassifiers networks = new PlaneClassifiers(models, train, new Generator(run.seed(), 0))) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "points drawn from each of %d sets: %d to train on, %d to test; %d models of each",
                            SETS.size(),
                            size,
                            TEST,
                            models.size()),
                    networks.parameterCount());

            // the loop: all learn side by side
            run.train(
                    techniques
                            .trainer(run, networks, PlaneClassifiers.beside(train))
                            .objective(networks::loss)
                            .measure("accuracy", () -> networks.score(test, run.device())),
                    networks);
            if (run.interrupted()) {
                return;
            }

            // what each can express
            double[][] accuracies = networks.accuracies(test, run.device());
            run.picture("regions.png", Classify2dPictures.regions(models, networks, test, accuracies, run.device()));
            table(models, accuracies).forEach(run::say);
            run.result("test accuracy, mean of the sets: " + means(models, accuracies));
        }
    }

    /** A line for each set. */
    private static List<String> table(List<PlaneModel> models, double[]... accuracies) {
        List<String> lines = new ArrayList<>();
        StringBuilder heading = new StringBuilder("accuracy");
        models.forEach(model -> heading.append(String.format(Locale.ROOT, " %" + (COLUMN - 1) + "s", model.name())));
        lines.add(heading.toString());
        for (int s = 0; s < SETS.size(); s++) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-8s", SETS.get(s)));
            for (double[] ofModel : accuracies) {
                line.append(String.format(Locale.ROOT, "%" + COLUMN + ".3f", ofModel[s]));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static String means(List<PlaneModel> models, double[]... accuracies) {
        return IntStream.range(0, models.size())
                .mapToObj(m -> String.format(
                        Locale.ROOT,
                        "%.3f (%s)",
                        Arrays.stream(accuracies[m]).average().orElseThrow(),
                        models.get(m).name()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public Trial trial() {
        widths = List.of(4, 8);
        centres = 10;
        return new Trial(20, 16, 0.01);
    }

    @Override
    public String name() {
        return "classify-2d";
    }

    @Override
    public String part() {
        return "I Foundations";
    }

    @Override
    public String summary() {
        return "classes in the plane: lines, polynomials, radial functions, MLPs";
    }

    @Override
    public long parameters() {
        return 19_444;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(100, 64, 0.02);
    }
}
