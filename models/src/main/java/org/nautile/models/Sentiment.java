package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.data.WordPiece;
import org.nautile.models.sentiment.GruSentiment;
import org.nautile.models.sentiment.Opinions;
import org.nautile.models.sentiment.ReviewSets;
import org.nautile.models.sentiment.SentimentNetwork;
import org.nautile.models.sentiment.TextReader;
import org.nautile.models.sentiment.TokenisedReviews;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A network that reads reviews and says whether they are kind: recurrent layers in both directions. */
public final class Sentiment implements Model {
    private static final String VOCABULARY = "vocab.txt";
    private static final int QUICK_TRAIN = 400; // reviews
    private static final int QUICK_TEST = 200;
    private static final int READ_BATCH = 64; // reviews that are measured at a time
    private static final int MISTAKES = 5;
    private static final int SHOWN = 160; // characters of a mistake

    @Option(
            names = "--reviews",
            paramLabel = "NAME",
            description = "Reviews of the data folder: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    ReviewSets.Known reviews = ReviewSets.Known.SST2;

    @Option(
            names = "--train",
            paramLabel = "PATH",
            description =
                    "Your own reviews: a table with tabs, of text and label 0 or 1, or a folder with pos and neg. Default:"
                            + " those of --reviews.")
    @Nullable
    Path train;

    @Option(
            names = "--test",
            paramLabel = "PATH",
            description = "Reviews to measure with, as --train. Default: a tenth of --train.")
    @Nullable
    Path test;

    @Option(
            names = "--words",
            paramLabel = "N",
            description = "The most words to know, those that are frequent in training. Default: ${DEFAULT-VALUE}.")
    int words = 10_000;

    @Option(
            names = "--longest",
            paramLabel = "N",
            description = "The most words of a review to read; of longer ones beginning and end. Default:"
                    + " ${DEFAULT-VALUE}.")
    int longest = 256;

    @Option(
            names = "--embedding",
            paramLabel = "N",
            description = "Numbers in a word's vector. Default: ${DEFAULT-VALUE}.")
    int embedding = 128;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            description = "Units of a recurrent layer in one direction. Default: ${DEFAULT-VALUE}.")
    int hidden = 128;

    @Option(names = "--layers", paramLabel = "N", description = "Recurrent layers. Default: ${DEFAULT-VALUE}.")
    int layers = 2;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            description = "How probably numbers between layers are dropped in training. Default: ${DEFAULT-VALUE}.")
    double dropout = 0.5;

    @Option(
            names = "--word-dropout",
            paramLabel = "P",
            description = "How probably a word is unknown in training. Default: ${DEFAULT-VALUE}.")
    double wordDropout = 0.1;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM, 1, 3);

    /** For {@link java.util.ServiceLoader}. */
    public Sentiment() {}

    @Override
    public void check() {
        atLeast("--words", words, 6);
        atLeast("--longest", longest, 4);
        atLeast("--embedding", embedding, 1);
        atLeast("--hidden", hidden, 1);
        atLeast("--layers", layers, 1);
        share("--dropout", dropout);
        share("--word-dropout", wordDropout);
        if (test != null && train == null) {
            throw new IllegalArgumentException("--test " + test + " is without a --train");
        }
        techniques.check();
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " " + value + " is less than " + least);
        }
    }

    private static void share(String option, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(option + " " + value + " is not from 0 to 1, 1 not included");
        }
    }

    private SentimentNetwork network(Generator random) {
        SentimentNetwork.Sizes sizes = new SentimentNetwork.Sizes(hidden, layers, dropout);
        return new GruSentiment(words, embedding, sizes, random);
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: reviews as numbers of words
        int most = run.quick() ? Math.min(run.limit(), QUICK_TRAIN) : run.limit();
        ReviewSets.Choice choice = new ReviewSets.Choice(reviews, train, test);
        int mostTest = run.quick() ? QUICK_TEST : Integer.MAX_VALUE;
        ReviewSets sets = ReviewSets.find(choice, run.data(), most, mostTest, run.seed());
        TextReader reader = TextReader.ofWords(sets.train(), words, longest);
        TokenisedReviews toLearn =
                new TokenisedReviews(sets.train(), reader).withWordDropout(wordDropout, run.seed());
        TokenisedReviews heldOut = new TokenisedReviews(sets.heldOut(), reader);
        TokenisedReviews toMeasure = new TokenisedReviews(sets.test(), reader);
        run.text(VOCABULARY, reader.vocabulary());

        // the network
        try (SentimentNetwork model = network(new Generator(run.seed(), 0))) {
            run.describe(
                    sets.source() + ", " + toLearn.size() + " to train on, " + heldOut.size()
                            + " held out to choose the epoch, " + toMeasure.size() + " to test, "
                            + reader.pieces().size() + " words",
                    model.parameterCount());

            // the loop: for each epoch, a step for each batch of reviews of about one length, then the reviews held out
            List<EpochResult> epochs = run.train(
                    techniques
                            .trainer(run, model, toLearn)
                            .objective(model::loss)
                            .measure("accuracy", () -> {
                                Opinions said = model.read(heldOut, run.device(), READ_BATCH);
                                return new Score(said.loss(), said.accuracy());
                            }),
                    model);
            if (run.interrupted()) {
                return;
            }

            // what it says of reviews that it has never seen
            Opinions said = model.read(toMeasure, run.device(), READ_BATCH);
            run.picture("curves.png", SentimentPictures.curves(epochs));
            run.picture("confusion.png", SentimentPictures.confusion(said));
            if (said.ofBothKinds()) {
                run.picture("roc.png", SentimentPictures.roc(said));
            }
            said.worst(MISTAKES).forEach(mistake -> run.say(line(mistake)));
            run.result(String.format(
                    Locale.ROOT, "test accuracy %.4f, loss %.4f", said.accuracy(), said.loss()));
        }
    }

    private static String line(Opinions.Mistake mistake) {
        String text = mistake.review().text();
        return String.format(
                Locale.ROOT,
                "mistake: is %s, positive with probability %.4f: %s",
                mistake.review().label() == 1 ? "positive" : "negative",
                mistake.probability(),
                text.length() <= SHOWN ? text : text.substring(0, SHOWN) + " ...");
    }

    @Override
    public Optional<Predictor> predictor(Path folder) throws IOException {
        TextReader reader = new TextReader(WordPiece.uncased(folder.resolve(VOCABULARY)), longest, false);
        return Optional.of(new SentimentPredictor(network(new Generator(0, 0)), reader));
    }

    @Override
    public Trial trial() {
        words = 300;
        embedding = 12;
        hidden = 10;
        longest = 40;
        return new Trial(24, 4, 0.002);
    }

    @Override
    public String name() {
        return "sentiment";
    }

    @Override
    public String part() {
        return "IV Applications";
    }

    @Override
    public String summary() {
        return "GRU that says whether a review is kind";
    }

    @Override
    public long parameters() {
        return 1_774_849;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(12, 32, 0.001);
    }
}
