package org.nautile.bench.works;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * An op in growing sizes.
 *
 * @param op its name, as the user types it
 * @param what is computed, in words; n is the size
 * @param sizes from the smallest, at which launching is nearly all that it costs
 * @param work what is timed at a size
 * @param copied float32 numbers that go to the device at a size, of each input, and last those that come back
 */
record Sweep(String op, String what, int[] sizes, IntFunction<Work> work, IntFunction<long[]> copied) {
    private static final int HEADS = 4;
    private static final int HEAD = 64;
    private static final int CHANNELS = 16;
    private static final int COLUMNS = 256;

    private static final List<Sweep> ALL = List.of(
            new Sweep(
                    "matmul",
                    "the product of two matrices of n x n numbers",
                    powers(8, 2, 2048),
                    n -> work("gemm", n, 2.0 * n * n * n, "m", n, "k", n, "n", n, "ta", 0, "tb", 0),
                    n -> new long[] {squared(n), squared(n), squared(n)}),
            new Sweep(
                    "conv2d",
                    "a convolution of 3 x 3 from 16 to 16 channels of one picture of n x n pixels",
                    powers(4, 2, 512),
                    n -> work(
                            "conv2d",
                            n,
                            18.0 * CHANNELS * CHANNELS * n * n,
                            "n",
                            1,
                            "ci",
                            CHANNELS,
                            "co",
                            CHANNELS,
                            "h",
                            n,
                            "w",
                            n,
                            "k",
                            3,
                            "pad",
                            1,
                            "s",
                            1),
                    n -> new long[] {CHANNELS * squared(n), 9L * CHANNELS * CHANNELS, CHANNELS, CHANNELS * squared(n)}),
            new Sweep(
                    "attention",
                    "attention of 4 heads of 64 numbers over n tokens",
                    powers(4, 2, 2048),
                    n -> work(
                            "sdpa", n, 4.0 * HEADS * HEAD * n * n, "b", 1, "h", HEADS, "s", n, "d", HEAD, "causal", 0),
                    n -> copies(3, (long) HEADS * HEAD * n)),
            new Sweep(
                    "add",
                    "the sum of two tensors of n numbers",
                    powers(16, 4, 1 << 22),
                    n -> work("add", n, n, "e", n),
                    n -> copies(2, n)),
            new Sweep(
                    "gelu",
                    "GELU of n numbers",
                    powers(16, 4, 1 << 22),
                    n -> work("gelu", n, 5.0 * n, "e", n),
                    n -> copies(1, n)),
            new Sweep(
                    "softmax",
                    "softmax of n rows of 256 numbers",
                    powers(1, 4, 1 << 14),
                    n -> work("softmax", n, 5.0 * COLUMNS * n, "r", n, "c", COLUMNS),
                    n -> copies(1, (long) COLUMNS * n)),
            new Sweep(
                    "linear",
                    "the first layer of mnist-mlp, 784 to 64, for a batch of n digits",
                    powers(1, 4, 1 << 14),
                    n -> work("linear", n, 2.0 * 784 * 64 * n, "b", n, "i", 784, "o", 64),
                    n -> new long[] {784L * n, 784L * 64, 64, 64L * n}));

    /** The ops that there are. */
    static List<Sweep> all() {
        return ALL;
    }

    private static int[] powers(int from, int factor, int to) {
        return IntStream.iterate(from, n -> n <= to, n -> n * factor).toArray();
    }

    private static long squared(int n) {
        return (long) n * n;
    }

    /** So many inputs of a size, and a result of it. */
    private static long[] copies(int inputs, long size) {
        long[] numbers = new long[inputs + 1];
        Arrays.fill(numbers, size);
        return numbers;
    }

    /** A work of names and values in turn. */
    private static Work work(String kind, int size, double flops, Object... parameters) {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            all.put(String.valueOf(parameters[i]), String.valueOf(parameters[i + 1]));
        }
        return new Work("crossover", kind + "_" + size, kind, all, flops, 0, 0);
    }
}
