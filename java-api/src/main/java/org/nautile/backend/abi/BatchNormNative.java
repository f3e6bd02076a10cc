package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.BatchNormKernel;
import org.nautile.jni.Ntl;

final class BatchNormNative implements BatchNormKernel {
    private final long context;

    BatchNormNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(
            Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            @Nullable Tensor runningMean,
            @Nullable Tensor runningVariance,
            @Nullable Tensor batches,
            Tensor y,
            Tensor stats,
            Settings settings) {
        int status = Ntl.ntl_batch_norm_forward(
                context,
                x.address(),
                NativeBackend.address(weight),
                NativeBackend.address(bias),
                NativeBackend.address(runningMean),
                NativeBackend.address(runningVariance),
                NativeBackend.address(batches),
                y.address(),
                stats.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                settings.training() ? 1 : 0,
                (float) settings.momentum(),
                (float) settings.eps());
        NativeBackend.check(status, x, weight, bias, runningMean, runningVariance, batches, y, stats);
    }

    @Override
    public void backward(
            Tensor x,
            @Nullable Tensor weight,
            Tensor stats,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean training,
            boolean... accumulate) {
        int status = Ntl.ntl_batch_norm_backward(
                context,
                x.address(),
                NativeBackend.address(weight),
                stats.address(),
                dy.address(),
                NativeBackend.address(dx),
                NativeBackend.address(dweight),
                NativeBackend.address(dbias),
                x.shape().dim(0),
                x.shape().dim(1),
                training ? 1 : 0,
                accumulate[0] ? 1 : 0,
                accumulate[1] ? 1 : 0,
                accumulate[2] ? 1 : 0);
        NativeBackend.check(status, x, weight, stats, dy, dx, dweight, dbias);
    }
}
