package org.nautile.nn;

import org.nautile.op.BatchNormOp;

/**
 * Batch normalisation of {@code [N, C]} or {@code [N, C, L]} for each channel: {@code y = (x - mean) / sqrt(var + eps) weight + bias}. In training
 * with the batch's own mean and variance, towards which the running ones move; otherwise with the running ones. Parameters
 * {@code weight} [C], at first ones, and {@code bias} [C], at first zeros; buffers {@code running_mean} and {@code running_var} [C] and
 * {@code num_batches_tracked}.
 */
public final class BatchNorm1d extends BatchNorm {
    /**
     * A layer with weight, bias and running statistics, eps 1e-5 and momentum 0.1.
     *
     * @param channels the number of channels, {@code >= 1}
     */
    public BatchNorm1d(long channels) {
        this(channels, EPS, MOMENTUM, true, true);
    }

    /**
     * A layer.
     *
     * @param channels the number of channels, {@code >= 1}
     * @param eps is added to the variance
     * @param momentum a batch's share in the running statistics; {@link BatchNormOp#AVERAGE} for averages over all batches
     * @param affine whether there are weight and bias
     * @param trackRunningStats whether there are running statistics; without, every batch is normalised with its own
     */
    public BatchNorm1d(long channels, double eps, double momentum, boolean affine, boolean trackRunningStats) {
        super(channels, eps, momentum, affine, trackRunningStats);
    }

    @Override
    boolean takes(int rank) {
        return rank == 2 || rank == 3;
    }
}
