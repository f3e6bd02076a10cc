package org.nautile.models;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.models.seq2seq.EncoderDecoder;
import org.nautile.models.seq2seq.Pair;
import org.nautile.models.seq2seq.Pairs;
import org.nautile.models.seq2seq.Task;
import org.nautile.models.seq2seq.Translator;
import org.nautile.models.seq2seq.Translator.Written;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The Transformer (Vaswani et al. 2017): an encoder and a decoder with attention of several heads turn dates as people write them, or
 * numbers in words, into digits. It learns with teacher forcing, and writes greedily or with a beam.
 */
public final class Transformer implements Model {
    private static final int TRAIN = 20_000;
    private static final int TEST = 2000;
    private static final int MEASURED = 500; // of those, after each epoch
    private static final int QUICK_TRAIN = 1000;
    private static final int QUICK_TEST = 100;
    private static final int SHOWN = 3; // examples that are printed
    private static final int LARGEST = 4096;

    /** What layers normalise. */
    enum Norm {
        /** Sums, as in the first Transformer. */
        POST,
        /** The inputs of a layer's parts. */
        PRE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--task",
            paramLabel = "NAME",
            description =
                    "dates: as people write them, to ISO 8601; numbers: words to digits. Default: ${DEFAULT-VALUE}.")
    Task task = Task.DATES;

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "Numbers in a token's vector, a multiple of --heads. Default: ${DEFAULT-VALUE}.")
    int width = 128;

    @Option(names = "--heads", paramLabel = "N", description = "Heads of each attention. Default: ${DEFAULT-VALUE}.")
    int heads = 4;

    @Option(
            names = "--layers",
            paramLabel = "N",
            description = "Layers of the encoder, and as many of the decoder. Default: ${DEFAULT-VALUE}.")
    int layers = 2;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            description = "Width of the feed-forward networks. Default: ${DEFAULT-VALUE}.")
    int hidden = 512;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            description = "Probability that an element is dropped in training. Default: ${DEFAULT-VALUE}.")
    double dropout = 0.1;

    @Option(
            names = "--norm",
            paramLabel = "NAME",
            description = "What layers normalise: post, the sums, or pre, the inputs of their parts. Default:"
                    + " ${DEFAULT-VALUE}.")
    Norm norm = Norm.POST;

    @Option(
            names = "--beam",
            paramLabel = "N",
            description = "Texts that are followed side by side in writing, 1 to 100; 1 is greedy. Default:"
                    + " ${DEFAULT-VALUE}.")
    int beam = 4;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM, 1);

    /** For {@link java.util.ServiceLoader}. */
    public Transformer() {
        techniques.schedule = Techniques.ScheduleKind.ONECYCLE;
    }

    @Override
    public void check() {
        Options.fromOne("--width", width, LARGEST);
        Options.fromOne("--heads", heads, LARGEST);
        Options.fromOne("--layers", layers, LARGEST);
        Options.fromOne("--hidden", hidden, LARGEST);
        if (width % heads != 0) {
            throw new IllegalArgumentException("--width " + width + " is no multiple of --heads " + heads);
        }
        Options.share("--dropout", dropout);
        Options.fromOne("--beam", beam, 100);
        techniques.check();
    }

    private EncoderDecoder network(Generator random) {
        return new EncoderDecoder(
                new EncoderDecoder.Sizes(task, width, heads, layers, hidden, dropout, norm == Norm.PRE), random);
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: generated pairs; those to test are about days or numbers that no other is about
        int count = Math.min(run.quick() ? QUICK_TRAIN : TRAIN, run.limit());
        Pairs train = new Pairs(task, task.train(count, run.seed()));
        List<Pair> test = task.test(run.quick() ? QUICK_TEST : TEST, run.seed());
        List<Pair> measured = test.subList(0, Math.min(MEASURED, test.size()));

        // the network
        try (EncoderDecoder model = network(new Generator(run.seed(), 0))) {
            run.describe(
                    task + ", generated: " + train.size() + " to train on, " + test.size()
                            + " to test, about others than those",
                    model.parameterCount());
            Translator translator = new Translator(model, run.device());

            // the loop: each target token is predicted from the right ones before it
            List<EpochResult> epochs = run.train(
                    techniques
                            .trainer(run, model, train)
                            .objective(model::loss)
                            .measure(
                                    "exact",
                                    () -> new Score(
                                            translator.loss(measured),
                                            Translator.exactMatch(measured, translator.write(sources(measured), 1)))),
                    model);
            if (run.interrupted()) {
                return;
            }

            // what it learnt: to write on its own, every token after its own ones
            model.train(false);
            run.picture("curves.png", TransformerPictures.curves(epochs));
            List<Written> greedy = translator.write(sources(test), 1);
            List<Written> searched = beam == 1 ? greedy : translator.write(sources(test), beam);
            show(run, translator, test, searched);
            double exact = Translator.exactMatch(test, searched);
            run.result(String.format(
                    Locale.ROOT,
                    "exact match %.4f greedy%s, of %d unseen %s",
                    Translator.exactMatch(test, greedy),
                    beam == 1 ? "" : String.format(Locale.ROOT, ", %.4f with a beam of %d", exact, beam),
                    test.size(),
                    task));
        }
    }

    private static List<String> sources(List<Pair> pairs) {
        return pairs.stream().map(Pair::source).toList();
    }

    /** Prints some test examples, wrong ones first, and draws what the decoder attends to in the longest. */
    private static void show(Run run, Translator translator, List<Pair> test, List<Written> written)
            throws IOException {
        IntStream.range(0, test.size())
                .filter(i -> !written.get(i).text().equals(test.get(i).target()))
                .limit(SHOWN)
                .mapToObj(i -> "wrong: " + line(test.get(i), written.get(i)) + ", right is "
                        + test.get(i).target())
                .forEach(run::say);
        IntStream.range(0, SHOWN)
                .mapToObj(i -> "test: " + line(test.get(i), written.get(i)))
                .forEach(run::say);
        int longest = IntStream.range(0, test.size())
                .reduce((i, j) ->
                        test.get(j).source().length() > test.get(i).source().length() ? j : i)
                .orElseThrow();
        run.picture(
                "attention.png",
                TransformerPictures.attention(
                        translator,
                        test.get(longest).source(),
                        written.get(longest).text()));
    }

    private static String line(Pair pair, Written written) {
        return String.format(Locale.ROOT, "%s: %s (%.4f)", pair.source(), written.text(), written.probability());
    }

    @Override
    public Optional<Predictor> predictor() {
        EncoderDecoder network = network(new Generator(0, 0));
        return Optional.of(new TranslatorPredictor(new Translator(network, Device.defaultDevice()), beam));
    }

    @Override
    public Trial trial() {
        width = 16;
        heads = 2;
        layers = 1;
        hidden = 24;
        return new Trial(30, 8, 0.003);
    }

    @Override
    public String name() {
        return "transformer";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "encoder-decoder Transformer: dates and number words to digits";
    }

    @Override
    public long parameters() {
        return 934_926;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(6, 64, 0.001);
    }
}
