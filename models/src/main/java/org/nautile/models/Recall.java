package org.nautile.models;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nautile.models.memory.Cell;
import org.nautile.models.memory.Explosion;
import org.nautile.models.memory.RecallTask;
import org.nautile.models.memory.Recallers;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long recurrent networks remember: each reads a symbol, then as many distractors as its lag, and is asked for the
 * symbol. Gradients of the plain network vanish on the way back (Bengio et al. 1994); gates hold them. Where weights
 * are large they explode, and clipping helps (Pascanu et al. 2013, arXiv:1211.5063).
 */
public final class Recall implements Model {
    private static final int TRAIN = 1600; // sequences of an epoch
    private static final int QUICK_TRAIN = 320;
    private static final int TEST = 1000;
    private static final int QUICK_TEST = 200;
    private static final int LONGEST = 10_000;

    @Option(
            names = "--cell",
            split = ",",
            paramLabel = "NAME",
            description = "rnn, lstm, gru: one or several, which learn side by side. Default: rnn,lstm,gru.")
    List<Cell> cells = List.of(Cell.values());

    @Option(
            names = "--lags",
            split = ",",
            paramLabel = "N",
            description =
                    "Distractors between symbol and question, with commas between; a network of each kind for each"
                            + " lag. Default: 10,20,50,100,200.")
    List<Integer> lags = List.of(10, 20, 50, 100, 200);

    @Option(names = "--hidden", paramLabel = "N", description = "Units of each network. Default: ${DEFAULT-VALUE}.")
    int hidden = 32;

    @Option(
            names = "--gate-bias",
            paramLabel = "X",
            description =
                    "The first bias of the gates that keep a state (LSTM: forget, and with the other sign input; GRU:"
                            + " update): the larger, the longer it is kept at first. Default: ${DEFAULT-VALUE}.")
    double gateBias = 5;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM, 1);

    /** For {@link java.util.ServiceLoader}. */
    public Recall() {}

    @Override
    public void check() {
        Options.distinct("--cell", cells);
        Options.distinct("--lags", lags);
        lags.forEach(lag -> Options.fromOne("--lags", lag, LONGEST));
        Options.fromOne("--hidden", hidden, LONGEST);
        if (!Double.isFinite(gateBias)) {
            throw new IllegalArgumentException("--gate-bias " + gateBias + " is not a finite number");
        }
        techniques.check();
        if (techniques.schedule == Techniques.ScheduleKind.PLATEAU) {
            throw new IllegalArgumentException("--schedule plateau is for one network, and here are several");
        }
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: drawn sequences, others in each epoch; a network reads as many of their distractors as its lag
        int longest = lags.stream().mapToInt(lag -> lag).max().orElseThrow();
        int size = Math.min(run.quick() ? QUICK_TRAIN : TRAIN, run.limit());
        RecallTask train = new RecallTask(size, longest, 2 * run.seed() + 1);
        RecallTask test = new RecallTask(run.quick() ? QUICK_TEST : TEST, longest, 2 * run.seed() + 2);

        // the networks
        try (Recallers model = new Recallers(cells, lags, hidden, gateBias, run.seed())) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "drawn sequences, one of %d symbols and up to %d distractors: %d an epoch to train on, %d"
                                    + " to test",
                            RecallTask.SYMBOLS,
                            longest,
                            train.size(),
                            test.size()),
                    model.parameterCount());

            // the loop: a step of each network for each mini-batch
            Trainer.Builder trainer = techniques
                    .trainer(run, model, train)
                    .optimizer(model.optimizers(network -> techniques.optimizer(network, run.learningRate())))
                    .step(batch -> model.step(batch, techniques.clip))
                    .measure("accuracy", () -> model.score(test, run.device()));
            int shown = lags.get(lags.size() / 2);
            int[] steps = steps(shown);
            Map<Cell, double[]> before = model.gradients(shown, test, steps, run.device()); // of --init's weights
            run.train(trainer, model);
            if (run.interrupted()) {
                return;
            }

            // how long they remember
            Map<Cell, List<Score>> scores = model.scores(test, run.device());
            run.picture("recall.png", RecallPictures.accuracies(lags, scores));
            Map<Cell, double[]> after = model.gradients(shown, test, steps, run.device());
            run.picture("gradients.png", RecallPictures.gradients(shown, steps, before, after));

            // and what happens where weights are large
            Explosion free = Explosion.of(run.device(), run.seed(), Double.POSITIVE_INFINITY);
            Explosion clipped = Explosion.of(run.device(), run.seed(), Explosion.CLIP);
            run.picture("explosion.png", RecallPictures.explosion(free, clipped));
            run.say(String.format(
                    Locale.ROOT,
                    "an RNN of spectral radius %.1f, lag %d: %s; %s",
                    Explosion.RADIUS,
                    Explosion.LAG,
                    free,
                    clipped));
            run.result(scores.entrySet().stream()
                    .map(entry -> entry.getKey() + " " + shares(entry.getValue()))
                    .collect(Collectors.joining("; ", "test accuracy by lag: ", "")));
        }
    }

    /** Some numbers of symbols read: 1, that of all before the question, and up to 49 between. */
    private static int[] steps(int lag) {
        int count = Math.min(lag + 1, 51);
        return IntStream.range(0, count).map(i -> 1 + i * lag / (count - 1)).toArray();
    }

    private String shares(List<Score> scores) {
        return IntStream.range(0, scores.size())
                .mapToObj(i ->
                        String.format(Locale.ROOT, "%.3f (%d)", scores.get(i).metric(), lags.get(i)))
                .collect(Collectors.joining(", "));
    }

    @Override
    public Trial trial() {
        lags = List.of(5, 12);
        hidden = 8;
        return new Trial(12, 8, 0.002);
    }

    @Override
    public String name() {
        return "recall";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "how long RNN, LSTM and GRU remember; exploding gradients";
    }

    @Override
    public long parameters() {
        return 96_600;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(30, 32, 0.003);
    }
}
