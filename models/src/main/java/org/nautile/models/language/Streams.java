package org.nautile.models.language;

import org.nautile.Shape;
import org.nautile.data.Dataset;

/**
 * A text cut into streams that are read side by side, chunk by chunk, so that a network's state goes on from a chunk to the next. In
 * the order of the data set, with a batch of as many examples as there are streams, batch k is chunk k of every stream.
 *
 * <p>The target of an example are its T + 1 characters: the first T are read, the last T are to be predicted. So the first character
 * of the text is only read, every following one is predicted once, and fewer than S T at the end are left out. The example itself is
 * one number, 0 where a stream begins and 1 where it goes on.
 */
public final class Streams implements Dataset {
    private final int[] text;
    private final int streams;
    private final int chunk;
    private final int chunks; // of a stream
    private final int symbols;

    /**
     * Cuts a text.
     *
     * @param text the numbers of its characters
     * @param streams the number S of streams, {@code >= 1}
     * @param chunk the characters T in a chunk, {@code >= 1}
     * @param symbols the size of the alphabet
     * @throws IllegalArgumentException if the text is too short for one chunk of every stream
     */
    public Streams(int[] text, int streams, int chunk, int symbols) {
        if (streams < 1 || chunk < 1) {
            throw new IllegalArgumentException(streams + " streams in chunks of " + chunk + "; at least 1 each");
        }
        long least = (long) streams * chunk + 1;
        if (text.length < least) {
            throw new IllegalArgumentException("a text of " + text.length + " characters; at least " + least
                    + " are needed for " + streams + " streams (--batch) of one chunk of " + chunk + " (--chunk)");
        }
        this.text = text;
        this.streams = streams;
        this.chunk = chunk;
        this.chunks = (int) ((text.length - 1) / ((long) streams * chunk));
        this.symbols = symbols;
    }

    /**
     * The characters that are predicted: those at 1 to this number of the text.
     *
     * @return {@code >= 1}
     */
    public int predicted() {
        return streams * chunks * chunk;
    }

    @Override
    public int size() {
        return streams * chunks;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(1);
    }

    @Override
    public int classes() {
        return symbols;
    }

    @Override
    public Shape targetShape() {
        return Shape.of(chunk + 1L);
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        into[offset] = index < streams ? 0 : 1;
    }

    @Override
    public void target(int index, long[] into, int offset) {
        int start = (index % streams * chunks + index / streams) * chunk;
        for (int i = 0; i <= chunk; i++) {
            into[offset + i] = text[start + i];
        }
    }
}
