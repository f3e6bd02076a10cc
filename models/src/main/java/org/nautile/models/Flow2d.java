package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.io.DataException;
import org.nautile.models.flow.Density;
import org.nautile.models.flow.RealNvp;
import org.nautile.models.points.DarkPixels;
import org.nautile.models.points.PlaneSet;
import org.nautile.models.points.Points;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A normalising flow in the plane (RealNVP): learns how dense points are where, and makes more of them. The points: two
 * moons, two circles, a checkerboard and others, or those of a picture, the darker the more.
 */
public final class Flow2d implements Model {
    private static final int TRAIN = 20_000;
    private static final int QUICK_TRAIN = 4000;
    private static final int TEST = 10_000;
    private static final int MOST_PIXELS = 256; // of the longer side of a picture
    private static final int MOST_COUPLINGS = 100;
    private static final int MOST_HIDDEN = 10_000;

    @Option(
            names = "--points",
            paramLabel = "NAME",
            description = "What is learnt: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    PlaneSet points = PlaneSet.MOONS;

    @Option(
            names = "--picture",
            paramLabel = "FILE",
            description = "Learn the points of this picture instead, the darker the more. Default: none.")
    @Nullable
    Path picture;

    @Option(names = "--couplings", paramLabel = "N", description = "Coupling layers. Default: ${DEFAULT-VALUE}.")
    int couplings = 8;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            description = "Units of the hidden layers of each coupling's network. Default: ${DEFAULT-VALUE}.")
    int hidden = 64;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM, 5);

    /** For {@link java.util.ServiceLoader}. */
    public Flow2d() {
        techniques.schedule = Techniques.ScheduleKind.COSINE;
    }

    @Override
    public void check() {
        Options.between("--couplings", couplings, 2, MOST_COUPLINGS);
        Options.fromOne("--hidden", hidden, MOST_HIDDEN);
        techniques.check();
    }

    /** What is learnt, and what it is called. */
    private record Source(String text, LongFunction<Points> train, LongFunction<Points> test) {}

    private Source source(int size) throws IOException {
        if (picture == null) {
            return new Source(points.toString(), seed -> points.draw(size, seed), seed -> points.draw(TEST, seed));
        }
        ImageFile.Grey image = ImageFile.readGrey(picture, MOST_PIXELS);
        try {
            DarkPixels dark = new DarkPixels(image.pixels(), image.height(), image.width());
            return new Source("points of " + picture, seed -> dark.draw(size, seed), seed -> dark.draw(TEST, seed));
        } catch (IllegalArgumentException e) {
            DataException failure = new DataException(picture, String.valueOf(e.getMessage()));
            failure.initCause(e);
            throw failure;
        }
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: points, others to test
        Source source = source(Math.min(run.quick() ? QUICK_TRAIN : TRAIN, run.limit()));
        Points train = source.train().apply(2 * run.seed() + 1);
        Points test = source.test().apply(2 * run.seed() + 2);

        // the flow
        try (RealNvp flow = new RealNvp(couplings, hidden, new Generator(run.seed(), 0))) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "%s, drawn: %d points to train on, %d to test",
                            source.text(),
                            train.size(),
                            test.size()),
                    flow.parameterCount());

            // the loop: the density of the data shall be high
            Flow2dPictures pictures = new Flow2dPictures(flow, test, run);
            Map<Integer, Density> learnt = new TreeMap<>();
            float[] places = test.places();
            Trainer.Builder trainer = techniques
                    .trainer(run, flow, train)
                    .objective(batch -> flow.loss(batch.x()))
                    .measure("", () -> new Score(flow.negativeLogLikelihood(places, run.device()), Double.NaN))
                    .listener(new TrainerListener() {
                        @Override
                        public void epochDone(EpochResult result) {
                            learnt.put(result.epoch(), pictures.density());
                        }
                    });
            learnt.put(0, pictures.density());
            List<EpochResult> epochs = run.train(trainer, flow);
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            run.picture("density.png", pictures.densities(train));
            run.picture("samples.png", pictures.samples());
            run.picture("learning.png", pictures.learning(learnt, epochs));
            run.result(String.format(
                    Locale.ROOT,
                    "test negative log-likelihood %.4f nats; inverse(forward(x)) within %.1e; integral of the density"
                            + " %.4f",
                    flow.negativeLogLikelihood(places, run.device()),
                    flow.returnError(places, run.device()),
                    pictures.integral()));
        }
    }

    @Override
    public Trial trial() {
        couplings = 4;
        hidden = 16;
        return new Trial(20, 64, 0.001);
    }

    @Override
    public String name() {
        return "flow-2d";
    }

    @Override
    public String part() {
        return "IV Applications";
    }

    @Override
    public String summary() {
        return "a normalising flow (RealNVP) in the plane";
    }

    @Override
    public long parameters() {
        return 35_344;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(40, 256, 0.005);
    }
}
