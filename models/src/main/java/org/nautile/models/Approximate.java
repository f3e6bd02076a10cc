package org.nautile.models;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nautile.Generator;
import org.nautile.models.expressivity.Alternation;
import org.nautile.models.expressivity.Approximators;
import org.nautile.models.expressivity.Approximators.Fit;
import org.nautile.models.expressivity.Sigma;
import org.nautile.models.expressivity.Target;
import org.nautile.models.points.Points;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The universal approximation theorem (Leshno et al. 1993): networks g(x) = C s(Ax + b) with enough neurons come as
 * near to a continuous function as one likes, if and only if s is not a polynomial. Networks of several s and widths
 * learn the same function. As gradient descent finds good A and b sooner than the best C, which is a matter of linear
 * algebra, their errors are given twice: as they have learnt, and with the best C for their A and b.
 */
public final class Approximate implements Model {
    private static final int TRAIN = 2000; // numbers to learn from
    private static final int QUICK_TRAIN = 1000;
    private static final int FINE = 5001; // places where the largest error is looked for
    private static final int MOST = 1000;
    private static final int COLUMN = 10; // letters, in the table

    @Option(
            names = "--functions",
            split = ",",
            paramLabel = "NAME",
            description = "sigmoid, tanh, relu, swish, cube: one or several s. Default: all.")
    List<Sigma> functions = List.of(Sigma.values());

    @Option(
            names = "--widths",
            split = ",",
            paramLabel = "N",
            description = "Numbers of neurons, rising, with commas between. Default: 1,2,4,8,16,32,64.")
    List<Integer> widths = List.of(1, 2, 4, 8, 16, 32, 64);

    @Option(
            names = "--target",
            paramLabel = "NAME",
            description = "What is learnt: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Target target = Target.WAVE;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public Approximate() {
        techniques.schedule = Techniques.ScheduleKind.COSINE;
    }

    @Override
    public void check() {
        Options.distinct("--functions", functions);
        widths.forEach(width -> Options.fromOne("--widths", width, MOST));
        for (int i = 1; i < widths.size(); i++) {
            if (widths.get(i) <= widths.get(i - 1)) {
                throw new IllegalArgumentException("--widths " + widths + " do not rise");
            }
        }
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: numbers from -1 to 1 and what the function makes of them
        Points train = target.examples(Math.max(2, Math.min(run.quick() ? QUICK_TRAIN : TRAIN, run.limit())));
        Points test = target.examples(FINE);

        // the networks
        try (Approximators model = new Approximators(functions, widths, new Generator(run.seed(), 0))) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "f(x) = %s at %d places from -1 to 1; %d networks",
                            target.formula(),
                            train.size(),
                            functions.size() * widths.size()),
                    model.parameterCount());

            // the loop: all learn side by side
            run.train(
                    techniques
                            .trainer(run, model, train)
                            .objective(batch -> model.loss(batch.x()))
                            .measure("", () -> model.score(test, run.device())),
                    model);
            if (run.interrupted()) {
                return;
            }

            // how near they come
            double[] x = IntStream.range(0, FINE)
                    .mapToDouble(i -> 2.0 * i / (FINE - 1) - 1)
                    .toArray();
            double[] y = Arrays.stream(x).map(target::of).toArray();
            List<Fit> fits = model.fits(train, x, run.device());
            double bound = Alternation.bound(Alternation.leastSquaresError(x, y, Sigma.DEGREE), Sigma.DEGREE);
            run.picture("functions.png", ApproximatePictures.functions(widths, fits, x, y));
            run.picture("errors.png", ApproximatePictures.errors(widths, fits, y, bound));
            table("with the best C", fits, Fit::refitted, y).forEach(run::say);
            table("as learnt", fits, Fit::learnt, y).forEach(run::say);
            run.result(String.format(
                    Locale.ROOT,
                    "largest error of %d neurons: %s; of every polynomial of degree %d: at least %.3g",
                    widths.get(widths.size() - 1),
                    last(fits, y),
                    Sigma.DEGREE,
                    bound));
        }
    }

    /** A line for each function, of the largest errors by width. */
    private List<String> table(String title, List<Fit> fits, Function<Fit, double[]> values, double... y) {
        List<String> lines = new ArrayList<>();
        StringBuilder heading = new StringBuilder(String.format(Locale.ROOT, "%-16s", title));
        widths.forEach(width -> heading.append(String.format(Locale.ROOT, "%" + COLUMN + "d", width)));
        lines.add(heading.toString());
        for (Sigma sigma : functions) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-16s", sigma));
            fits.stream()
                    .filter(fit -> fit.sigma() == sigma)
                    .forEach(fit -> line.append(
                            String.format(Locale.ROOT, "%" + COLUMN + ".2e", Fit.error(values.apply(fit), y))));
            lines.add(line.toString());
        }
        return lines;
    }

    private String last(List<Fit> fits, double... y) {
        int widest = widths.get(widths.size() - 1);
        return fits.stream()
                .filter(fit -> fit.width() == widest)
                .map(fit -> String.format(Locale.ROOT, "%.2e (%s)", Fit.error(fit.refitted(), y), fit.sigma()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public Trial trial() {
        widths = List.of(1, 5, 12);
        return new Trial(20, 16, 0.01);
    }

    @Override
    public String name() {
        return "approximate";
    }

    @Override
    public String part() {
        return "I Foundations";
    }

    @Override
    public String summary() {
        return "universal approximation: error by width for several activations";
    }

    @Override
    public long parameters() {
        return 1905;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(100, 64, 0.01);
    }
}
