package org.nautile.validate;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.op.Gradients;

/**
 * Takes the gradients of one backward pass, without a tape. What is not to be added to is full of poison at first. Moves
 * data through Java arrays alone: the kernels under test must not be needed to test them.
 */
final class Sink implements Gradients {
    private final @Nullable Tensor[] buffers;
    private final boolean[] filled;

    /**
     * @param buffers for each input the tensor that receives its gradient; null: not wanted
     * @param filled whether they hold gradients to be added to
     */
    Sink(@Nullable Tensor[] buffers, boolean filled) {
        this.buffers = buffers;
        this.filled = new boolean[buffers.length];
        java.util.Arrays.fill(this.filled, filled);
    }

    @Override
    public boolean wants(int input) {
        return buffers[input] != null;
    }

    @Override
    public boolean accumulates(int input) {
        return filled[input];
    }

    @Override
    public Tensor buffer(int input) {
        Tensor buffer = denseBuffer(input);
        if (!buffer.isContiguous()) {
            buffer = Tensor.of(buffer.device(), buffer.toArray(), buffer.shape());
            buffers[input] = buffer;
        }
        return buffer;
    }

    @Override
    public Tensor denseBuffer(int input) {
        filled[input] = true;
        return Objects.requireNonNull(buffers[input]);
    }

    @Override
    public void add(int input, Tensor gradient) {
        Tensor buffer = buffers[input];
        if (buffer == null) {
            return;
        }
        Compare.shape("gradient " + input, buffer.shape(), gradient.shape());
        Object sum = gradient.toArray();
        if (filled[input]) {
            Object before = buffer.toArray();
            for (int i = 0; i < Elements.length(sum); i++) {
                if (sum instanceof float[] floats) {
                    floats[i] += ((float[]) before)[i];
                } else {
                    ((double[]) sum)[i] += ((double[]) before)[i];
                }
            }
        }
        buffer(input).set(sum);
    }
}
