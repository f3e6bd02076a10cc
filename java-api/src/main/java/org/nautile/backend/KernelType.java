package org.nautile.backend;

import java.util.concurrent.atomic.AtomicInteger;
import org.nautile.Tensor;

/**
 * The key under which a backend finds its kernel of an op. Each kernel interface holds its own as {@code TYPE}.
 *
 * @param <K> the kernel interface
 */
public final class KernelType<K> {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String op;
    private final Class<K> type;
    private final int index = COUNT.getAndIncrement();

    /**
     * Creates the key.
     *
     * @param op the op's name in native/ops.def
     * @param type the kernel interface
     */
    public KernelType(String op, Class<K> type) {
        this.op = op;
        this.type = type;
    }

    /**
     * The name of the op.
     *
     * @return the name in native/ops.def, for example {@code log_softmax}
     */
    public String op() {
        return op;
    }

    /**
     * The interface that a backend's kernel implements.
     *
     * @return the interface
     */
    public Class<K> type() {
        return type;
    }

    /**
     * The kernel on a tensor's device.
     *
     * @param x the tensor
     * @return the kernel
     * @throws UnsupportedOperationException if the device has none
     */
    public K on(Tensor x) {
        return x.device().backend().kernel(this);
    }

    /** The place in a backend's table of kernels. */
    int index() {
        return index;
    }

    /**
     * The op's name as the start of a class name: {@code log_softmax} gives {@code LogSoftmax}.
     *
     * @return the name
     */
    public String className() {
        return className(op);
    }

    /**
     * An op's name as the start of a class name.
     *
     * @param op the name in native/ops.def, for example {@code log_softmax}
     * @return for example {@code LogSoftmax}
     */
    public static String className(String op) {
        StringBuilder name = new StringBuilder();
        for (String word : op.split("_", -1)) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
        }
        return name.toString();
    }
}
