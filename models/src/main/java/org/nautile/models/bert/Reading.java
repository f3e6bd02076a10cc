package org.nautile.models.bert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nautile.data.WordPiece;
import org.nautile.models.Options;
import picocli.CommandLine.Option;

/** What BERT is pre-trained on, and what is hidden there, as options: {@code @Mixin Reading reading}. */
public final class Reading {
    /** What is hidden together. */
    public enum Masking {
        /** Single pieces of words. */
        BASIC,
        /** Names: Sun et al. 2019, ERNIE, arXiv:1904.09223. */
        ENTITY,
        /** Phrases: the same. */
        PHRASE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description =
                    "The text, in UTF-8: blank lines separate documents, or else each line is one; the last tenth"
                            + " is held out, of which at most 300 documents are measured. Default: film reviews of the data folder.")
    private @Nullable Path text;

    @Option(
            names = "--vocab",
            paramLabel = "FILE",
            description = "The vocabulary, a token a line, small letters. Default: made from the text.")
    private @Nullable Path vocabularyFile;

    @Option(
            names = "--vocab-size",
            paramLabel = "N",
            description = "The most tokens of a vocabulary that is made from the text. Default: ${DEFAULT-VALUE}.")
    private int vocabularySize = 8000;

    @Option(
            names = "--masking",
            paramLabel = "NAME",
            description = "What is hidden together: one of ${COMPLETION-CANDIDATES} (pieces of words, names, phrases)."
                    + " Default: ${DEFAULT-VALUE}.")
    private Masking masking = Masking.BASIC;

    @Option(
            names = "--spans",
            paramLabel = "FILE",
            description = "Names or phrases to hide as a whole wherever they are in the text, in place of those that"
                    + " --masking finds: UTF-8, one a line. Default: none.")
    private @Nullable Path spans;

    /** The defaults. */
    public Reading() {}

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public void check() {
        Options.atLeast("--vocab-size", vocabularySize, Vocabularies.LEAST);
    }

    /**
     * Whether the user has given a vocabulary.
     *
     * @return true if so
     */
    public boolean hasVocabulary() {
        return vocabularyFile != null;
    }

    /** Makes the vocabulary as small as can be. */
    public void smallVocabulary() {
        vocabularySize = Vocabularies.LEAST;
    }

    /**
     * The user's text, or film reviews, or a generated text.
     *
     * @param data the folder the user named for data; null for none
     * @param seed of a generated text
     * @return as {@link Documents#find} does
     * @throws IOException if a file cannot be read, or is not what it should be
     */
    public Documents documents(@Nullable Path data, long seed) throws IOException {
        return Documents.find(text, data, seed);
    }

    /**
     * The user's vocabulary, or one that is made from documents.
     *
     * @param documents the sentences of each
     * @return writes all in small letters
     * @throws IOException if the file cannot be read, or is not what it should be
     */
    public WordPiece vocabulary(List<List<String>> documents) throws IOException {
        return vocabularyFile != null ? WordPiece.uncased(vocabularyFile) : Vocabularies.of(documents, vocabularySize);
    }

    /**
     * Examples from documents.
     *
     * @param which documents these are, for the message if they are too few
     * @param documents the sentences of each
     * @param tokenizer splits sentences into tokens
     * @param rule finds the words that are hidden together
     * @param length the tokens of an example
     * @param most the most examples
     * @param seed of all that is drawn
     * @return the examples
     * @throws IOException if there are too few documents, or none has two sentences
     */
    public Pairs pairs(
            String which,
            List<List<String>> documents,
            WordPiece tokenizer,
            SpanRule rule,
            int length,
            int most,
            long seed)
            throws IOException {
        try {
            return new Pairs(documents, tokenizer, rule, length, most, seed);
        } catch (IllegalArgumentException e) {
            throw new IOException((text == null ? "" : text + ": ") + which + ": " + e.getMessage(), e);
        }
    }

    /**
     * What finds the words that are hidden together.
     *
     * @return the rule of the masking, or of the list of spans
     * @throws IOException if the list cannot be read, or is none
     */
    public SpanRule rule() throws IOException {
        if (spans != null) {
            return SpanRule.listed(spans);
        }
        return switch (masking) {
            case BASIC -> SpanRule.none();
            case ENTITY -> SpanRule.entities();
            case PHRASE -> SpanRule.phrases();
        };
    }
}
