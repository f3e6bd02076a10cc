package org.nautile.models.sentiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.data.Reviews.Review;
import org.nautile.data.WordPiece;
import org.nautile.models.Options;
import org.nautile.models.bert.BertConfig;
import org.nautile.models.bert.BertModel;
import org.nautile.models.bert.Checkpoint;
import picocli.CommandLine.Option;

/** How texts are read, as options: {@code @Mixin Encoder encoder}. */
public final class Encoder {
    /** What makes vectors of words. */
    public enum Kind {
        /** A table of vectors that is learnt from the reviews alone. */
        GRU,
        /** A trained BERT. */
        BERT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What decides. */
    public enum Head {
        /** Recurrent layers and a linear one. */
        GRU,
        /** A linear layer alone. */
        LINEAR;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--encoder",
            paramLabel = "NAME",
            description = "gru: recurrent layers on vectors of their own; bert: a trained BERT under them. Default:"
                    + " ${DEFAULT-VALUE}.")
    Kind kind = Kind.GRU;

    @Option(
            names = "--bert",
            paramLabel = "DIR",
            description = "The folder of a BERT, as nautile train bert or Hugging Face leave it. Default: none.")
    @Nullable
    Path bert;

    @Option(names = "--fine-tune", description = "Train BERT, too. Default: off, it stays as it is.")
    boolean fineTune;

    @Option(
            names = "--head",
            paramLabel = "NAME",
            description = "On BERT: one of ${COMPLETION-CANDIDATES}; linear reads [CLS] alone. Default:"
                    + " ${DEFAULT-VALUE}.")
    Head head = Head.GRU;

    @Option(
            names = "--words",
            paramLabel = "N",
            description = "Without BERT, the most words to know, those that are frequent in training. Default:"
                    + " ${DEFAULT-VALUE}.")
    int words = 10_000;

    @Option(
            names = "--longest",
            paramLabel = "N",
            description = "The most tokens of a review to read; of longer ones beginning and end. Default:"
                    + " ${DEFAULT-VALUE}, or as many as BERT can.")
    int longest = 256;

    @Option(
            names = "--embedding",
            paramLabel = "N",
            description = "Without BERT, numbers in a word's vector. Default: ${DEFAULT-VALUE}.")
    int embedding = 128;

    @Option(
            names = "--hidden",
            paramLabel = "N",
            description = "Units of a recurrent layer in one direction. Default: 128; on BERT 256.")
    @Nullable
    Integer hidden;

    @Option(names = "--layers", paramLabel = "N", description = "Recurrent layers. Default: ${DEFAULT-VALUE}.")
    int layers = 2;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            description = "The share of numbers between layers that is dropped in training. Default: ${DEFAULT-VALUE}.")
    double dropout = 0.3;

    /** As the options say if the user says nothing. */
    public Encoder() {}

    /**
     * A network that was made, and what makes tokens for it.
     *
     * @param network the network, which whoever asked closes
     * @param reader makes its tokens
     * @param files texts by names, from which both are made again, but for the weights
     */
    public record Made(SentimentNetwork network, TextReader reader, Map<String, String> files) {}

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if one is out of its range, or does not go with another
     */
    public void check() {
        Options.atLeast("--words", words, WordPiece.SPECIAL.size() + 1);
        Options.atLeast("--longest", longest, 4);
        Options.atLeast("--embedding", embedding, 1);
        Options.atLeast("--hidden", hidden(), 1);
        Options.atLeast("--layers", layers, 1);
        Options.share("--dropout", dropout);
        if (kind == Kind.BERT && bert == null) {
            throw new IllegalArgumentException("--encoder bert wants --bert DIR, the folder of a BERT");
        }
        if (kind == Kind.GRU && (bert != null || fineTune || head != Head.GRU)) {
            throw new IllegalArgumentException("--bert, --fine-tune and --head linear are for --encoder bert");
        }
    }

    private int hidden() {
        return hidden != null ? hidden : kind == Kind.GRU ? 128 : 256;
    }

    /**
     * Whether a trained BERT is changed, which takes smaller steps.
     *
     * @return true if so
     */
    public boolean fineTunes() {
        return fineTune;
    }

    /** Makes all small, for a trial. */
    public void shrink() {
        words = 300;
        longest = 40;
        embedding = 12;
        hidden = 10;
    }

    /**
     * A new network.
     *
     * @param train the reviews whose words it learns
     * @param random draws the first weights
     * @return on the default device
     * @throws IOException if a BERT cannot be read, or is none
     */
    public Made make(List<Review> train, Generator random) throws IOException {
        if (kind == Kind.GRU) {
            TextReader reader = TextReader.ofWords(train, words, longest);
            return new Made(ownWords(random), reader, Map.of(Checkpoint.VOCABULARY, reader.vocabulary()));
        }
        Checkpoint checkpoint = Checkpoint.open(Objects.requireNonNull(bert));
        WordPiece pieces = checkpoint.vocabulary();
        BertModel encoder = checkpoint.encoder(random);
        TextReader reader = reader(pieces, encoder.config());
        return new Made(onBert(encoder, random), reader, Checkpoint.files(encoder.config(), pieces));
    }

    /**
     * A network as in a training that has ended; its weights are yet to be read.
     *
     * @param folder of that training
     * @return on the default device
     * @throws IOException if a file is missing or not what it should be
     */
    public Made remake(Path folder) throws IOException {
        Generator random = new Generator(0, 0); // what is drawn is replaced
        if (kind == Kind.GRU) {
            WordPiece pieces = WordPiece.uncased(folder.resolve(Checkpoint.VOCABULARY));
            return new Made(ownWords(random), new TextReader(pieces, longest, false), Map.of());
        }
        Checkpoint checkpoint = Checkpoint.open(folder);
        TextReader reader = reader(checkpoint.vocabulary(), checkpoint.config());
        return new Made(onBert(checkpoint.blank(random), random), reader, Map.of());
    }

    private SentimentNetwork.Sizes sizes() {
        return new SentimentNetwork.Sizes(hidden(), layers, dropout);
    }

    private SentimentNetwork ownWords(Generator random) {
        return new GruSentiment(words, embedding, sizes(), random);
    }

    private SentimentNetwork onBert(BertModel encoder, Generator random) {
        return new BertSentiment(encoder, fineTune, head == Head.GRU ? sizes() : null, dropout, random);
    }

    private TextReader reader(WordPiece pieces, BertConfig config) {
        return new TextReader(pieces, Math.min(longest, config.positions()), true);
    }
}
