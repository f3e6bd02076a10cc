package org.nautile;

/**
 * The counter-based random bits of Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"): element {@code i} of stream {@code s} is a function of seed, s and i alone. Java, C++ and CUDA use the same
 * rule, so every device draws the same numbers.
 *
 * <p>The counter of a block of four elements is (low and high word of {@code i / 4}, low and high word of the stream), the
 * key is (low and high word of the seed), and element i is word {@code i % 4} of the block.
 */
public final class Philox {
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private Philox() {}

    /**
     * One element.
     *
     * @param seed the seed
     * @param stream the stream, one for each use of randomness
     * @param index the place in the stream
     * @return 32 random bits
     */
    public static int bits(long seed, long stream, long index) {
        int[] block = new int[4];
        block(seed, stream, index >>> 2, block);
        return block[(int) (index & 3)];
    }

    /**
     * Four elements.
     *
     * @param seed the seed
     * @param stream the stream
     * @param block the elements' index divided by four
     * @param into receives elements {@code 4 * block} to {@code 4 * block + 3}
     */
    public static void block(long seed, long stream, long block, int[] into) {
        int c0 = (int) block;
        int c1 = (int) (block >>> 32);
        int c2 = (int) stream;
        int c3 = (int) (stream >>> 32);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = MULTIPLIER_0 * (c0 & 0xFFFFFFFFL);
            long p1 = MULTIPLIER_1 * (c2 & 0xFFFFFFFFL);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c1 = (int) p1;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c3 = (int) p0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        into[0] = c0;
        into[1] = c1;
        into[2] = c2;
        into[3] = c3;
    }
}
