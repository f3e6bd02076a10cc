package org.nautile;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * How precise the products of float32 matrices are, in {@code matmul} and {@code linear}, forward and backward, for the whole
 * process: PyTorch's {@code torch.set_float32_matmul_precision}. At first it is the system property {@code
 * nautile.matmul.precision}, or else {@link #HIGHEST}. Elements may be rounded before they are multiplied; results and sums are
 * float32. A device rounds only where that makes it faster (ntl_matmul_precision says where); {@code reference} never does.
 */
public enum MatmulPrecision {
    /** float32. */
    HIGHEST,
    /** TF32: elements of 11 significant bits, errors of 3e-4 in the norm. On GPUs with tensor cores; elsewhere float32. */
    HIGH,
    /**
     * bfloat16: elements of 8 significant bits, errors of 2.4e-3 in the norm. On GPUs with tensor cores and on processors with
     * AVX-512's bf16 instructions, or AMX's; elsewhere float32.
     */
    MEDIUM;

    private static final String PROPERTY = "nautile.matmul.precision";
    private static final List<Consumer<MatmulPrecision>> LISTENERS = new CopyOnWriteArrayList<>();
    private static volatile MatmulPrecision current = initial();

    private static MatmulPrecision initial() {
        String text = System.getProperty(PROPERTY);
        try {
            return text == null ? HIGHEST : of(text.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PROPERTY + "=" + e.getMessage(), e);
        }
    }

    /**
     * The precision of a name.
     *
     * @param name for example {@code "medium"}
     * @return the precision
     * @throws IllegalArgumentException if there is none of that name
     */
    public static MatmulPrecision of(String name) {
        return Arrays.stream(values())
                .filter(precision -> precision.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " is none of "
                        + Arrays.stream(values()).map(MatmulPrecision::toString).collect(Collectors.joining(", "))));
    }

    /**
     * The precision of products from now on.
     *
     * @return at first, the property's
     */
    public static MatmulPrecision current() {
        return current;
    }

    /**
     * Changes the precision of products that follow. Those of plans stay as they were recorded.
     *
     * @param precision the new one
     */
    public static synchronized void set(MatmulPrecision precision) {
        current = precision;
        LISTENERS.forEach(listener -> listener.accept(precision));
    }

    /**
     * For backends: asks to be told of changes.
     *
     * @param listener receives the new precision
     */
    public static void onChange(Consumer<MatmulPrecision> listener) {
        LISTENERS.add(listener);
    }

    /** The name, as PyTorch writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
