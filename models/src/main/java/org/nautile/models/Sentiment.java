package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.models.language.FilmReviews;
import org.nautile.models.sentiment.Encoder;
import org.nautile.models.sentiment.Opinions;
import org.nautile.models.sentiment.ReviewSets;
import org.nautile.models.sentiment.SentimentNetwork;
import org.nautile.models.sentiment.TextReader;
import org.nautile.models.sentiment.TokenisedReviews;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A network that reads reviews and says how probable it is that they are kind: recurrent layers in both directions, on
 * vectors of their own or on a trained BERT.
 */
public final class Sentiment implements Model {
    private static final int QUICK_TRAIN = 400; // reviews
    private static final int QUICK_TEST = 200;
    private static final int READ_BATCH = 64; // reviews that are measured at a time
    private static final int MISTAKES = 5;
    private static final int SHOWN = 160; // characters of a mistake

    @Option(
            names = "--reviews",
            paramLabel = "NAME",
            description = "Reviews of the data folder: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    FilmReviews reviews = FilmReviews.SST2;

    @Option(
            names = "--train",
            paramLabel = "PATH",
            description = "Your own reviews: a table with tabs, of text and label 0 or 1, or a folder with pos and neg."
                    + " Default: those of --reviews.")
    @Nullable
    Path train;

    @Option(
            names = "--test",
            paramLabel = "PATH",
            description = "Reviews to measure with, as --train. Default: a tenth of --train.")
    @Nullable
    Path test;

    @Mixin
    final Encoder encoder = new Encoder();

    @Option(
            names = "--word-dropout",
            paramLabel = "P",
            description = "The share of words that is unknown in training. Default: ${DEFAULT-VALUE}.")
    double wordDropout = 0.1;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM, 1);

    /** For {@link java.util.ServiceLoader}. */
    public Sentiment() {
        techniques.weightDecay = 1e-4;
        techniques.schedule = Techniques.ScheduleKind.COSINE;
    }

    @Override
    public void check() {
        encoder.check();
        Options.share("--word-dropout", wordDropout);
        if (test != null && train == null) {
            throw new IllegalArgumentException("--test " + test + " is without a --train");
        }
        if (encoder.fineTunes() && techniques.init != Techniques.InitKind.DEFAULT) {
            throw new IllegalArgumentException("--init with --fine-tune: it would overwrite BERT's weights");
        }
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: reviews, of which the network makes tokens
        int most = run.quick() ? Math.min(run.limit(), QUICK_TRAIN) : run.limit();
        ReviewSets.Choice choice = new ReviewSets.Choice(reviews, train, test);
        int mostTest = run.quick() ? QUICK_TEST : Integer.MAX_VALUE;
        ReviewSets sets = ReviewSets.find(choice, run.data(), most, mostTest, run.seed());
        Encoder.Made made = encoder.make(sets.train(), new Generator(run.seed(), 0));
        TextReader reader = made.reader();
        TokenisedReviews toLearn = new TokenisedReviews(sets.train(), reader).withWordDropout(wordDropout, run.seed());
        TokenisedReviews heldOut = new TokenisedReviews(sets.heldOut(), reader);
        TokenisedReviews toMeasure = new TokenisedReviews(sets.test(), reader);

        // the network
        try (SentimentNetwork model = made.network()) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "%s, %d to train on, %d of them too long and cut, %d held out, %d to test, %d tokens known",
                            sets.source(),
                            toLearn.size(),
                            toLearn.cut(),
                            heldOut.size(),
                            toMeasure.size(),
                            reader.pieces().size()),
                    model.trained().parameterCount());
            made.files().forEach(run::file);

            // the loop: for each epoch, a step for each batch of reviews of about one length, then the reviews held out
            List<EpochResult> epochs = run.train(
                    techniques
                            .trainer(run, model.trained(), toLearn)
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
            run.result(String.format(Locale.ROOT, "test accuracy %.4f, loss %.4f", said.accuracy(), said.loss()));
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
        Encoder.Made made = encoder.remake(folder);
        try {
            Weights.load(made.network(), name() + " with these options", folder.resolve(Weights.FILE));
        } catch (IOException | RuntimeException e) {
            made.network().close();
            throw e;
        }
        return Optional.of(new SentimentPredictor(made.network(), made.reader()));
    }

    @Override
    public Trial trial() {
        encoder.shrink();
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
        return "GRU, alone or on BERT, that says whether a review is kind";
    }

    @Override
    public long parameters() {
        return 1_774_849;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(8, 32, encoder.fineTunes() ? 2e-4 : 2e-3);
    }
}
