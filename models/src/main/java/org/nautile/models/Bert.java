package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.data.WordPiece;
import org.nautile.models.bert.BertConfig;
import org.nautile.models.bert.BertPretraining;
import org.nautile.models.bert.Checkpoint;
import org.nautile.models.bert.Documents;
import org.nautile.models.bert.HiddenWords;
import org.nautile.models.bert.Objective;
import org.nautile.models.bert.Pairs;
import org.nautile.models.bert.Reading;
import org.nautile.models.bert.SpanRule;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Row;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Pre-training of BERT (Devlin et al. 2018, arXiv:1810.04805): to guess hidden words of a text, and whether one piece
 * of text follows another. The folder of a training is a checkpoint as Hugging Face has them, and a training may go on
 * from one.
 */
public final class Bert implements Model {
    private static final int LEAST_LENGTH = 8;
    private static final int TEST = 300; // documents held out
    private static final int QUICK = 200; // documents to train on

    @Option(
            names = "--checkpoint",
            paramLabel = "DIR",
            description =
                    "Go on from this BERT, with its sizes, dropout and vocabulary: the folder of a training, or of one as"
                            + " Hugging Face publishes it. Default: start anew.")
    @Nullable
    Path checkpoint;

    @Option(names = "--length", paramLabel = "N", description = "Tokens of an example. Default: ${DEFAULT-VALUE}.")
    int length = 64;

    @Option(names = "--hidden", paramLabel = "N", description = "Numbers of a state. Default: ${DEFAULT-VALUE}.")
    int hidden = 128;

    @Option(names = "--layers", paramLabel = "N", description = "Encoder blocks. Default: ${DEFAULT-VALUE}.")
    int layers = 2;

    @Option(names = "--heads", paramLabel = "N", description = "Heads of an attention. Default: ${DEFAULT-VALUE}.")
    int heads = 2;

    @Option(names = "--dropout", paramLabel = "X", description = "Share of numbers dropped. Default: ${DEFAULT-VALUE}.")
    double dropout;

    @Mixin
    final Reading reading = new Reading();

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAMW, 1);

    /** For {@link java.util.ServiceLoader}. */
    public Bert() {
        techniques.schedule = Techniques.ScheduleKind.ONECYCLE;
        techniques.weightDecay = 0.01;
    }

    @Override
    public void check() {
        Options.atLeast("--length", length, LEAST_LENGTH);
        reading.check();
        if (layers < 1 || heads < 1 || hidden < 1 || hidden % heads != 0) {
            throw new IllegalArgumentException("--hidden " + hidden + ", --heads " + heads + ", --layers " + layers
                    + ": each at least 1, and --hidden a multiple of --heads expected");
        }
        Options.share("--dropout", dropout);
        if (checkpoint != null && reading.hasVocabulary()) {
            throw new IllegalArgumentException("--vocab with --checkpoint, which has its own");
        }
        if (checkpoint != null && techniques.init != Techniques.InitKind.DEFAULT) {
            throw new IllegalArgumentException("--init with --checkpoint, whose weights it would overwrite");
        }
        techniques.check();
    }

    /** The sizes of a network that starts anew. */
    BertConfig config(int vocabulary) {
        return new BertConfig(vocabulary, hidden, layers, heads, 4 * hidden, length, 2, 1e-12, dropout);
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: documents, and pairs of pieces of them
        Documents documents = reading.documents(run.data(), run.seed())
                .first(run.quick() ? QUICK : Integer.MAX_VALUE, run.quick() ? QUICK / 5 : TEST);
        Checkpoint from = checkpoint == null ? null : Checkpoint.open(checkpoint);
        if (from != null && from.config().positions() < length) {
            throw new IOException("--length " + length + ", but max_position_embeddings of " + checkpoint + " is "
                    + from.config().positions());
        }
        WordPiece tokenizer = from != null ? from.vocabulary() : reading.vocabulary(documents.train());
        SpanRule rule = reading.rule();
        Pairs train = reading.pairs("to train on", documents.train(), tokenizer, rule, length, run.limit(), run.seed());
        Pairs test =
                reading.pairs("held out", documents.test(), tokenizer, rule, length, Integer.MAX_VALUE, run.seed());
        long[] frequencies = train.counts();

        // the network
        Generator random = new Generator(run.seed(), 0);
        try (BertPretraining bert =
                from != null ? from.pretraining(random) : new BertPretraining(config(tokenizer.size()), random)) {
            bert.to(run.device());
            run.describe(
                    documents.source() + ", " + train.size() + " pairs of texts to train on, " + test.size()
                            + " held out, " + tokenizer.size() + " tokens",
                    bert.parameterCount());
            Checkpoint.files(bert.bert().config(), tokenizer).forEach(run::file);

            // the loop
            Objective objective = new Objective(bert, train);
            List<EpochResult> epochs = run.train(
                    techniques
                            .trainer(run, bert, train)
                            .objective(objective::loss)
                            .measure("nsp_loss", () -> {
                                Objective.Measured found = objective.measure(test, frequencies, run.device());
                                return new Score(found.words(), found.next());
                            }),
                    bert);
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            Objective.Measured found = objective.measure(test, frequencies, run.device());
            if (!epochs.isEmpty()) {
                run.picture("curves.png", curves(epochs, found.unigram()));
            }
            run.result(String.format(
                    Locale.ROOT,
                    "held-out hidden tokens %.4f nats, unigram model %.4f; next sentence %.4f nats, accuracy %.4f",
                    found.words(),
                    found.unigram(),
                    found.next(),
                    found.nextRight()));
        }
    }

    private static Row curves(List<EpochResult> epochs, double unigram) {
        double[] x = TrainingPictures.column(epochs, EpochResult::epoch);
        double[] words = TrainingPictures.column(epochs, EpochResult::testLoss);
        double[] next = TrainingPictures.column(epochs, EpochResult::testMetric);
        return new Row(
                "Pre-training BERT",
                chart("Hidden tokens, held out", x, words, "unigram model", unigram),
                chart("Next sentence, held out", x, next, "chance", Math.log(2)));
    }

    private static LineChart chart(String title, double[] x, double[] losses, String other, double level) {
        double[] line = new double[x.length];
        Arrays.fill(line, level);
        return new LineChart(title, "epoch", "loss, nats")
                .add("BERT", x, losses)
                .add(other, x, line)
                .legendOutside();
    }

    @Override
    public Trial trial() {
        hidden = 16;
        reading.smallVocabulary();
        length = 16;
        return new Trial(30, 4, 0.002);
    }

    @Override
    public Optional<Predictor> predictor(Path folder) throws IOException {
        return Optional.of(new HiddenWords(folder));
    }

    @Override
    public String name() {
        return "bert";
    }

    @Override
    public String part() {
        return "IV Applications";
    }

    @Override
    public String summary() {
        return "BERT, pre-trained on hidden words and on which text follows which";
    }

    @Override
    public long parameters() {
        return 1_470_786;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(4, 16, 0.002);
    }
}
