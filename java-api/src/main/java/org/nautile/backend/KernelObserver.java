package org.nautile.backend;

import org.jspecify.annotations.Nullable;

/** Stands between ops and a backend's kernels, to measure them: {@link Backend#observe}. */
@FunctionalInterface
public interface KernelObserver {
    /**
     * A kernel is called, on the calling thread.
     *
     * @param type the op
     * @param method the method of the kernel interface, for example {@code "forward"}
     * @param arguments its arguments: tensors, null for those not given, and settings; not to be changed
     * @param kernel runs it; to be called once
     */
    void call(KernelType<?> type, String method, @Nullable Object[] arguments, Runnable kernel);
}
