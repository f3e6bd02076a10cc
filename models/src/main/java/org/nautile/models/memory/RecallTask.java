package org.nautile.models.memory;

import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Dataset;

/**
 * Sequences of which only the first symbol matters: one of {@link #SYMBOLS}, then distractors of another alphabet, all
 * drawn evenly. Each epoch has sequences of its own. The target of an example is the sequence; the example itself is
 * one number without meaning.
 */
public final class RecallTask implements Dataset {
    /** The symbols that are to be remembered, numbers from 0. */
    public static final int SYMBOLS = 8;

    /**
     * The symbol that asks for the first one: the last number, after those of as many distractors as there are symbols.
     */
    static final int QUESTION = 2 * SYMBOLS;

    private final int size;
    private final int distractors;
    private final long seed;

    /**
     * Sequences.
     *
     * @param size their number, {@code >= 0}
     * @param distractors after the first symbol, {@code >= 1}
     * @param seed draws them
     */
    public RecallTask(int size, int distractors, long seed) {
        this.size = size;
        this.distractors = distractors;
        this.seed = seed;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(1);
    }

    @Override
    public int classes() {
        return QUESTION;
    }

    @Override
    public Shape targetShape() {
        return Shape.of(1L + distractors);
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        into[offset] = 0;
    }

    @Override
    public void target(int index, long[] into, int offset) {
        example(index, 0, new float[1], 0, into, offset);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        sample(index, x, xOffset);
        Generator random = new Generator(seed, (long) epoch << 32 | index);
        y[yOffset] = random.nextInt(SYMBOLS);
        for (int i = 1; i <= distractors; i++) {
            y[yOffset + i] = SYMBOLS + (long) random.nextInt(SYMBOLS);
        }
    }
}
