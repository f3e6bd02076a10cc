package org.nautile.backend;

import java.util.List;
import org.nautile.Tensor;

/**
 * The rungs of {@code nautile ladder}: an op in small steps from the plain loop to a fast kernel. They are no kernels of ops; which
 * there are, and what they compute, is in bench/ladder.
 */
public interface Ladder {
    /**
     * Whose rungs these are.
     *
     * @return the folder of their sources, {@code "cpu"} or {@code "cuda"}
     */
    String folder();

    /**
     * Runs a rung.
     *
     * @param rung for example {@code "matmul_naive"}
     * @param inputs at most three tensors
     * @param y the result; overlaps no input
     * @param sizes the extents, at most five, as native/include/nautile/ladder.h orders them; the tensors must have them
     * @throws org.nautile.ShapeException if a tensor is not contiguous float32
     * @throws org.nautile.DeviceException if there is no such rung
     */
    void run(String rung, List<Tensor> inputs, Tensor y, long... sizes);
}
