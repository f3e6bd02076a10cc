package org.nautile.models.bert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Dataset;
import org.nautile.data.WordPiece;
import org.nautile.op.CrossEntropyOp;

/**
 * Two pieces of text for BERT's pre-training: [CLS] first [SEP] second [SEP], with hidden tokens. In half of the
 * examples, drawn anew for each epoch, the second is what follows the first; in the others, it is of another document.
 * Which tokens are hidden is also drawn anew for each epoch.
 *
 * <p>The example is L numbers, 1 where a token is and 0 where the input is filled up. Its target are L tokens, L texts
 * (0 or 1), P places of hidden tokens, the P tokens there, and 0 if the second text follows or 1 if not. Where fewer
 * than P are hidden, the other places are 0 and the tokens there {@link CrossEntropyOp#IGNORE}.
 */
public final class Pairs implements Dataset {
    private static final long STREAM = 1L << 40; // of random numbers: one for each example of an epoch
    private static final int SPECIAL = 3;

    private final List<List<Sentence>> documents;
    private final List<Place> places = new ArrayList<>();
    private final int length;
    private final int hidden;
    private final int cls;
    private final int sep;
    private final int pad;
    private final int vocabulary;
    private final Masker masker;
    private final long seed;

    /** Where an example begins, and where its second text would follow. */
    private record Place(int document, int first, int second) {}

    /** Pieces, and those among them that belong together. */
    private record Segment(int[] pieces, List<int[]> spans) {}

    /**
     * Examples from documents.
     *
     * @param texts the sentences of each document, at least two documents
     * @param tokenizer splits sentences into tokens
     * @param rule finds the words that are hidden together
     * @param length the tokens L of an example, {@code >= 8}
     * @param most the most examples
     * @param seed of all that is drawn
     * @throws IllegalArgumentException if there are too few documents, or none has two sentences
     */
    public Pairs(List<List<String>> texts, WordPiece tokenizer, SpanRule rule, int length, int most, long seed) {
        this.length = length;
        this.seed = seed;
        hidden = Masker.count(length - SPECIAL);
        cls = tokenizer.id(WordPiece.CLS);
        sep = tokenizer.id(WordPiece.SEP);
        pad = tokenizer.id(WordPiece.PAD);
        vocabulary = tokenizer.size();
        masker = new Masker(tokenizer);
        documents = texts.stream()
                .map(sentences -> sentences.stream()
                        .map(sentence -> Sentence.of(sentence, tokenizer, rule))
                        .filter(sentence -> sentence.pieces().length > 0)
                        .toList())
                .filter(document -> !document.isEmpty())
                .toList();
        for (int document = 0; document < documents.size() && places.size() < most; document++) {
            add(document, most);
        }
        if (documents.size() < 2 || places.isEmpty()) {
            throw new IllegalArgumentException(documents.size() + " documents, " + places.size()
                    + " pairs of sentences that follow one another; at least 2 and 1 are needed");
        }
    }

    /** Goes through a document: as many sentences as fit for the first text, then as many for the second. */
    private void add(int document, int most) {
        int sentences = documents.get(document).size();
        int first = 0;
        while (first + 1 < sentences && places.size() < most) {
            int second = end(document, first, firstRoom(), sentences - 1);
            places.add(new Place(document, first, second));
            first = end(document, second, length - SPECIAL - firstRoom(), sentences);
        }
    }

    private int firstRoom() {
        return (length - SPECIAL) / 2;
    }

    /** The first sentence after those, at least one, that fit into some room. */
    private int end(int document, int from, int room, int limit) {
        List<Sentence> sentences = documents.get(document);
        int end = from + 1;
        int pieces = sentences.get(from).pieces().length;
        while (end < limit && pieces + sentences.get(end).pieces().length <= room) {
            pieces += sentences.get(end++).pieces().length;
        }
        return end;
    }

    /** Sentences one after the other. */
    private Segment segment(int document, int from, int end) {
        int[] pieces = {};
        List<int[]> spans = new ArrayList<>();
        for (Sentence sentence : documents.get(document).subList(from, end)) {
            int start = pieces.length;
            for (int i = 0; i < sentence.spans().length; i += 2) {
                spans.add(new int[] {start + sentence.spans()[i], start + sentence.spans()[i + 1]});
            }
            pieces = Arrays.copyOf(pieces, start + sentence.pieces().length);
            System.arraycopy(sentence.pieces(), 0, pieces, start, sentence.pieces().length);
        }
        return new Segment(pieces, spans);
    }

    /**
     * The tokens of an example.
     *
     * @return L
     */
    public int length() {
        return length;
    }

    /**
     * The places for hidden tokens in an example.
     *
     * @return P
     */
    public int hidden() {
        return hidden;
    }

    /**
     * How often each token is in the documents.
     *
     * @return by id
     */
    public long[] counts() {
        long[] counts = new long[vocabulary];
        documents.forEach(document -> document.forEach(sentence -> {
            for (int piece : sentence.pieces()) {
                counts[piece]++;
            }
        }));
        return counts;
    }

    @Override
    public int size() {
        return places.size();
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(length);
    }

    @Override
    public Shape targetShape() {
        return Shape.of(2L * length + 2L * hidden + 1);
    }

    @Override
    public int classes() {
        return vocabulary;
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        example(index, 0, into, offset, new long[(int) targetShape().size()], 0);
    }

    @Override
    public void target(int index, long[] into, int offset) {
        example(index, 0, new float[length], 0, into, offset);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        Generator random = new Generator(seed, STREAM + (long) epoch * size() + index);
        Place place = places.get(index);
        boolean follows = random.nextInt(2) == 0;
        Segment first = segment(place.document, place.first, place.second);
        Segment second = follows ? from(place.document, place.second) : elsewhere(place.document, random);

        // of the first text the end is kept, of the second the start: they are where the two meet
        int kept = Math.min(first.pieces.length, firstRoom());
        int cut = first.pieces.length - kept;
        int more = Math.min(second.pieces.length, length - SPECIAL - kept);
        int used = kept + more + SPECIAL;
        long[] ids = new long[length];
        Arrays.fill(ids, pad);
        ids[0] = cls;
        ids[kept + 1] = sep;
        ids[used - 1] = sep;
        List<Integer> allowed = new ArrayList<>();
        for (int i = 0; i < kept; i++) {
            ids[1 + i] = first.pieces[cut + i];
            allowed.add(1 + i);
        }
        for (int i = 0; i < more; i++) {
            ids[kept + 2 + i] = second.pieces[i];
            allowed.add(kept + 2 + i);
        }
        List<int[]> spans = new ArrayList<>();
        first.spans.stream().filter(span -> span[0] >= cut).forEach(span -> spans.add(moved(span, 1 - cut)));
        second.spans.stream().filter(span -> span[1] <= more).forEach(span -> spans.add(moved(span, kept + 2)));

        Arrays.fill(x, xOffset, xOffset + used, 1);
        Arrays.fill(x, xOffset + used, xOffset + length, 0);
        int texts = yOffset + length;
        int at = texts + length;
        Arrays.fill(y, texts, at, 0);
        Arrays.fill(y, texts + kept + 2, texts + used, 1);
        Arrays.fill(y, at, at + hidden, 0);
        Arrays.fill(y, at + hidden, at + 2 * hidden, CrossEntropyOp.IGNORE);
        for (List<Integer> together : Masker.choose(allowed, spans, Masker.count(allowed.size()), random)) {
            for (int hiddenPlace : together) {
                y[at] = hiddenPlace;
                y[at++ + hidden] = ids[hiddenPlace];
            }
            masker.hide(ids, together, random);
        }
        System.arraycopy(ids, 0, y, yOffset, length);
        y[yOffset + 2 * length + 2 * hidden] = follows ? 0 : 1;
    }

    private static int[] moved(int[] span, int by) {
        return new int[] {span[0] + by, span[1] + by};
    }

    private Segment from(int document, int sentence) {
        int limit = documents.get(document).size();
        return segment(document, sentence, end(document, sentence, length - SPECIAL - 1, limit));
    }

    private Segment elsewhere(int document, Generator random) {
        int other = random.nextInt(documents.size() - 1);
        other += other >= document ? 1 : 0;
        return from(other, random.nextInt(documents.get(other).size()));
    }
}
