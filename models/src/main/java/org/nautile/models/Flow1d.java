package org.nautile.models;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.nautile.models.flow.MonotoneFlow;
import org.nautile.models.points.LineSet;
import org.nautile.models.points.Points;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A normalising flow on the line: a function that rises everywhere takes numbers of any distribution to those of the
 * standard normal one, and its inverse makes numbers like the data.
 */
public final class Flow1d implements Model {
    private static final int TRAIN = 10_000;
    private static final int QUICK_TRAIN = 2000;
    private static final int TEST = 10_000;
    private static final int MOST_STEPS = 1000;

    @Option(
            names = "--distribution",
            paramLabel = "NAME",
            description = "What is learnt: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    LineSet distribution = LineSet.MIXTURE;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps (tanh) that the function is made of, beside a line. Default: ${DEFAULT-VALUE}.")
    int steps = 12;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public Flow1d() {
        techniques.schedule = Techniques.ScheduleKind.COSINE;
    }

    @Override
    public void check() {
        Options.fromOne("--steps", steps, MOST_STEPS);
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: numbers of a known density
        int size = Math.min(run.quick() ? QUICK_TRAIN : TRAIN, run.limit());
        Points train = distribution.draw(size, 2 * run.seed() + 1);
        float[] test = distribution.draw(TEST, 2 * run.seed() + 2).places();

        // the flow
        try (MonotoneFlow flow = new MonotoneFlow(steps)) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "%s, drawn: %d numbers to train on, %d to test",
                            distribution,
                            train.size(),
                            TEST),
                    flow.parameterCount());

            // the loop: the density of the data shall be high
            Flow1dPictures pictures = new Flow1dPictures(distribution, flow, run.device());
            Map<Integer, Flow1dPictures.Learnt> learnt = new TreeMap<>();
            Trainer.Builder trainer = techniques
                    .trainer(run, flow, train)
                    .objective(batch -> flow.loss(batch.x()))
                    .measure("", () -> new Score(flow.negativeLogLikelihood(test, run.device()), Double.NaN))
                    .listener(new TrainerListener() {
                        @Override
                        public void epochDone(EpochResult result) {
                            learnt.put(result.epoch(), pictures.learnt());
                        }
                    });
            learnt.put(0, pictures.learnt());
            run.train(trainer, flow);
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            run.picture("mapping.png", pictures.mappings());
            run.picture("densities.png", pictures.densities(test));
            run.picture("learning.png", pictures.learning(learnt));
            double likelihood = flow.negativeLogLikelihood(test, run.device());
            run.result(String.format(
                    Locale.ROOT,
                    "test negative log-likelihood %.4f nats, that of the true density %.4f; inverse(forward(x)) within"
                            + " %.1e; integral of the density %.4f",
                    likelihood,
                    pictures.trueNegativeLogLikelihood(test),
                    flow.returnError(test, run.device()),
                    pictures.integral()));
        }
    }

    @Override
    public Trial trial() {
        return new Trial(30, 64, 0.01);
    }

    @Override
    public String name() {
        return "flow-1d";
    }

    @Override
    public String part() {
        return "IV Applications";
    }

    @Override
    public String summary() {
        return "a normalising flow on the line: mappings and densities";
    }

    @Override
    public long parameters() {
        return 38;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(30, 128, 0.02);
    }
}
