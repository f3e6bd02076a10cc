package org.nautile;

/**
 * A sequence of random numbers from one stream of {@link Philox}. The same seed and stream give the same numbers on every
 * machine and device. Not for several threads at once.
 */
public final class Generator {
    private final long seed;
    private final long stream;
    private final int[] block = new int[4];
    private long index;

    /**
     * A sequence.
     *
     * @param seed the seed of the whole run
     * @param stream which of the seed's independent sequences
     */
    public Generator(long seed, long stream) {
        this.seed = seed;
        this.stream = stream;
    }

    /**
     * The next 32 random bits.
     *
     * @return any int
     */
    public int nextInt() {
        int place = (int) (index & 3);
        if (place == 0) {
            Philox.block(seed, stream, index >>> 2, block);
        }
        index++;
        return block[place];
    }

    /**
     * An integer, each with the same probability.
     *
     * @param bound {@code > 0}
     * @return {@code 0 <= n < bound}
     */
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound " + bound + " is not positive");
        }
        // Lemire 2019, "Fast random integer generation in an interval": the rejection makes it exact.
        long product = (nextInt() & 0xFFFFFFFFL) * bound;
        long threshold = (1L << 32) % bound;
        while ((product & 0xFFFFFFFFL) < threshold) {
            product = (nextInt() & 0xFFFFFFFFL) * bound;
        }
        return (int) (product >>> 32);
    }

    /**
     * A number, uniform in [0, 1).
     *
     * @return a multiple of 2^-24
     */
    public float nextFloat() {
        return (nextInt() >>> 8) * 0x1p-24F;
    }

    /**
     * A number, uniform in [low, high).
     *
     * @param low the least value
     * @param high the bound
     * @return the number
     */
    public float nextFloat(float low, float high) {
        float value = low + (high - low) * nextFloat();
        return value < high ? value : Math.nextDown(high); // the product may round up to the bound
    }

    /**
     * A number, uniform in [0, 1).
     *
     * @return a multiple of 2^-53
     */
    public double nextDouble() {
        int high = nextInt() >>> 5;
        int low = nextInt() >>> 6;
        return (((long) high << 26) + low) * 0x1p-53;
    }

    /**
     * A number from the standard normal distribution (Box and Muller 1958).
     *
     * @return mean 0, variance 1
     */
    public double nextGaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        return radius * StrictMath.cos(2 * StrictMath.PI * nextDouble());
    }

    /**
     * Puts the numbers 0 to n - 1 in random order (Fisher and Yates; Durstenfeld 1964).
     *
     * @param n the count, {@code >= 0}
     * @return a permutation, each with the same probability
     */
    public int[] permutation(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }
}
