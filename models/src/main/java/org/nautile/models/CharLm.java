package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.models.charts.LineChart;
import org.nautile.models.language.Alphabet;
import org.nautile.models.language.CharNetwork;
import org.nautile.models.language.Streams;
import org.nautile.models.language.Texts;
import org.nautile.models.language.TrigramModel;
import org.nautile.models.language.Writing;
import org.nautile.models.memory.Cell;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A recurrent network that predicts the next character of a text, trained by backpropagation through time that is cut after each
 * chunk, and that then writes text of its own. It is compared with a trigram model of the same text.
 */
public final class CharLm implements Model {
    private static final double LN_2 = Math.log(2);
    private static final int QUICK_TRAIN = 100_000; // characters
    private static final int QUICK_TEST = 20_000;
    private static final int TEST = 500_000; // of 6.4 million in the film reviews, too many for each epoch
    private static final int MOST_SYMBOLS = 256; // the trigram model has a count for each three of them

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "The text, in UTF-8; its last tenth is held out. Default: film reviews of the data folder.")
    @Nullable
    Path text;

    @Option(
            names = "--cell",
            paramLabel = "NAME",
            description = "Recurrent layers: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Cell cell = Cell.LSTM;

    @Option(names = "--hidden", paramLabel = "N", description = "Units of a layer. Default: ${DEFAULT-VALUE}.")
    int hidden = 256;

    @Option(names = "--layers", paramLabel = "N", description = "Recurrent layers. Default: ${DEFAULT-VALUE}.")
    int layers = 1;

    @Option(
            names = "--embedding",
            paramLabel = "N",
            description = "Numbers in a character's vector. Default: ${DEFAULT-VALUE}.")
    int embedding = 64;

    @Option(
            names = "--symbols",
            paramLabel = "N",
            description = "Characters to tell apart, 2 to 256: the most frequent ones, and one for all others. Default:"
                    + " ${DEFAULT-VALUE}.")
    int symbols = 128;

    @Option(
            names = "--chunk",
            paramLabel = "N",
            description =
                    "Characters through which gradients flow back; each of --batch streams gives a chunk to a step."
                            + " Default: ${DEFAULT-VALUE}.")
    int chunk = 64;

    @Option(
            names = "--generate",
            paramLabel = "DIR",
            description =
                    "Only measure and write with what was trained into this folder, on the same text with the same"
                            + " options. Default: train first.")
    @Nullable
    Path generate;

    @Mixin
    final Writing writing = new Writing();

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM, 1);

    /** For {@link java.util.ServiceLoader}. */
    public CharLm() {}

    @Override
    public void check() {
        Options.atLeast("--hidden", hidden, 1);
        Options.atLeast("--layers", layers, 1);
        Options.atLeast("--embedding", embedding, 1);
        Options.atLeast("--chunk", chunk, 1);
        Options.between("--symbols", symbols, 2, MOST_SYMBOLS);
        writing.check();
        techniques.check();
    }

    private Streams streams(String name, int[] all, long most, int batch) throws IOException {
        try {
            return new Streams(Arrays.copyOf(all, (int) Math.min(all.length, most)), batch, chunk, symbols);
        } catch (IllegalArgumentException e) {
            throw new IOException((text == null ? "" : text + ": ") + name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: numbers for characters, in streams
        Texts texts = Texts.find(text, run.data(), run.seed());
        Alphabet alphabet = new Alphabet(texts.train(), symbols);
        int[] trainText = alphabet.numbers(texts.train());
        int[] testText = alphabet.numbers(texts.test());
        long most = run.limit() == Integer.MAX_VALUE ? Long.MAX_VALUE : (long) run.limit() * chunk + 1;
        most = run.quick() ? Math.min(most, QUICK_TRAIN) : most;
        Streams train = streams("to train on", trainText, most, run.batch());
        Streams test = streams("held out", testText, run.quick() ? QUICK_TEST : TEST, run.batch());

        // the network
        CharNetwork.Sizes sizes = new CharNetwork.Sizes(cell, symbols, embedding, hidden, layers);
        try (CharNetwork model = new CharNetwork(sizes, run.batch(), new Generator(run.seed(), 0))) {
            run.describe(
                    texts.source() + ", " + train.predicted() + " characters to train on, " + test.predicted()
                            + " held out, " + alphabet.size() + " different ones",
                    model.parameterCount());

            // the loop: for each epoch, a step for each chunk of all streams, then the held-out text
            List<EpochResult> epochs = List.of();
            if (generate != null) {
                Weights.load(model, "char-lm with these options", generate.resolve(Weights.FILE));
            } else {
                epochs = run.train(
                        techniques
                                .trainer(run, model, train)
                                .shuffle(false)
                                .objective(model::loss)
                                .measure("bits", () -> measure(model, test, run)),
                        model);
            }
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            TrigramModel trigram = new TrigramModel(Arrays.copyOf(trainText, train.predicted() + 1), symbols);
            double baseline = trigram.bits(testText, 1, test.predicted() + 1);
            if (!epochs.isEmpty()) {
                run.picture("curves.png", curves(epochs, baseline));
            }
            writing.samples(model, alphabet, run.device(), run.seed()).forEach(run::say);
            Score score = measure(model, test, run);
            run.result(String.format(
                    Locale.ROOT,
                    "held-out text %.4f bits per character (%.4f nats), trigram model %.4f bits",
                    score.metric(),
                    score.loss(),
                    baseline));
        }
    }

    private static Score measure(CharNetwork model, Streams test, Run run) {
        double nats = model.evaluate(test, run.device());
        return new Score(nats, nats / LN_2);
    }

    private static LineChart curves(List<EpochResult> epochs, double baseline) {
        double[] x = TrainingPictures.column(epochs, EpochResult::epoch);
        double[] line = new double[x.length];
        Arrays.fill(line, baseline);
        return new LineChart("Predicting the next character", "epoch", "bits per character")
                .add(
                        "training",
                        x,
                        epochs.stream()
                                .mapToDouble(epoch -> epoch.trainLoss() / LN_2)
                                .toArray())
                .add("held out", x, TrainingPictures.column(epochs, EpochResult::testMetric))
                .add("trigram model, held out", x, line);
    }

    @Override
    public Trial trial() {
        hidden = 24;
        embedding = 8;
        chunk = 12;
        return new Trial(30, 4, 0.01);
    }

    @Override
    public String name() {
        return "char-lm";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "RNN, LSTM or GRU that predicts the next character of a text";
    }

    @Override
    public long parameters() {
        return 370_816;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(1, 32, 0.004);
    }
}
