package org.nautile.backend;

import java.util.List;
import org.nautile.Plan;
import org.nautile.Tensor;

/** A sequence of kernels that a backend keeps while they run, to run them again with one call. */
public interface Recording extends AutoCloseable {
    /**
     * Says that a tensor will hold what it holds now for as long as the recording is run; before it ends.
     *
     * @param tensor of the recording's device
     */
    void constant(Tensor tensor);

    /**
     * Ends the recording, on the thread that began it. Must be called once, before everything else.
     *
     * @param keep whether it will be run
     * @throws OutOfMemoryError if there is not enough memory for what the kernels need while they run
     * @throws IllegalArgumentException if a kernel has changed a constant
     */
    void end(boolean keep);

    /** Runs the kernels again, in order, on the same memory; on a GPU it returns before they are done. */
    void run();

    /**
     * The number of kernels.
     *
     * @return {@code >= 0}
     */
    long calls();

    /**
     * The memory that is kept for them.
     *
     * @return bytes
     */
    long bytes();

    /**
     * Whether later runs measure each kernel, where the backend can; what was measured before is forgotten.
     *
     * @param on true to measure
     */
    void measure(boolean on);

    /**
     * The kernels of a run, in order.
     *
     * @return a part for each
     */
    List<Plan.Part> parts();

    /** Gives the memory back. */
    @Override
    void close();
}
