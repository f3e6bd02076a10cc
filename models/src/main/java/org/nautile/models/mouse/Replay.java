package org.nautile.models.mouse;

import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Dataset;

/**
 * The replay buffer: the last transitions that were lived through. As a data set it gives transitions drawn at random,
 * others in each epoch. An example is what was seen before the move, what was seen after it, the reward, and by how
 * much the future is discounted: by 0 after a game's last move. Its target is the move.
 */
public final class Replay implements Dataset {
    static final int AFTER = MouseGame.OBSERVATION; // where in an example what was seen after the move begins
    static final int REWARD = 2 * MouseGame.OBSERVATION;
    static final int DISCOUNT = REWARD + 1;
    static final int WIDTH = DISCOUNT + 1;

    private final float[] transitions;
    private final byte[] moves;
    private final int draws;
    private final long seed;
    private int count;
    private int next;

    /**
     * An empty buffer.
     *
     * @param capacity the transitions that are kept
     * @param draws the examples of an epoch
     * @param seed draws them
     */
    public Replay(int capacity, int draws, long seed) {
        transitions = new float[Math.multiplyExact(capacity, WIDTH)];
        moves = new byte[capacity];
        this.draws = draws;
        this.seed = seed;
    }

    /**
     * Takes a move in a game and keeps the transition, in the place of the oldest if the buffer is full.
     *
     * @param game a game that is not over
     * @param move the move
     * @param discount of the future, from 0 to 1
     */
    void play(MouseGame game, Move move, double discount) {
        int start = next * WIDTH;
        game.observe(transitions, start);
        transitions[start + REWARD] = (float) game.step(move);
        game.observe(transitions, start + AFTER);
        transitions[start + DISCOUNT] = game.done() ? 0 : (float) discount;
        moves[next] = (byte) move.ordinal();
        next = (next + 1) % moves.length;
        count = Math.min(count + 1, moves.length);
    }

    /**
     * The transitions that are kept.
     *
     * @return from 0 to the capacity
     */
    public int count() {
        return count;
    }

    @Override
    public int size() {
        return draws;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(WIDTH);
    }

    @Override
    public int classes() {
        return Move.values().length;
    }

    @Override
    public Shape targetShape() {
        return Shape.of(1);
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        example(index, 0, into, offset, new long[1], 0);
    }

    @Override
    public void target(int index, long[] into, int offset) {
        example(index, 0, new float[WIDTH], 0, into, offset);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        int drawn = new Generator(seed, (long) epoch << 32 | index).nextInt(count);
        System.arraycopy(transitions, drawn * WIDTH, x, xOffset, WIDTH);
        y[yOffset] = moves[drawn];
    }
}
