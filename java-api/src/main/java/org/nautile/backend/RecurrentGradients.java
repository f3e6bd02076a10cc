package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/**
 * Where the gradients of a recurrent layer go; null for what is not wanted.
 *
 * @param x as the input that it is the gradient by
 * @param weightIh alike
 * @param weightHh alike
 * @param biasIh alike
 * @param biasHh alike
 * @param h0 alike
 * @param c0 alike
 * @param accumulate bit i: the i-th of them is added to what is there
 */
public record RecurrentGradients(
        @Nullable Tensor x,
        @Nullable Tensor weightIh,
        @Nullable Tensor weightHh,
        @Nullable Tensor biasIh,
        @Nullable Tensor biasHh,
        @Nullable Tensor h0,
        @Nullable Tensor c0,
        int accumulate) {}
