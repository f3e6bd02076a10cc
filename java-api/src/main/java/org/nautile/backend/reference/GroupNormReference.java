package org.nautile.backend.reference;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.GroupNormKernel;

final class GroupNormReference implements GroupNormKernel {
    @Override
    public void forward(
            Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, Tensor y, Tensor stats, long groups, double eps) {
        ChannelNorm norm = norm(x.shape(), groups);
        double[] in = Values.read(x);
        double[] means = norm.means(in);
        double count = (double) x.shape().dim(1) * x.shape().dim(2) / groups;
        double[] variances =
                Arrays.stream(norm.squares(in, means)).map(sum -> sum / count).toArray();
        norm.forward(in, means, variances, eps, weight, bias, y, stats);
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
            long groups,
            boolean... accumulate) {
        norm(x.shape(), groups).backward(x, weight, stats, dy, dx, dweight, dbias, true, accumulate);
    }

    private static ChannelNorm norm(Shape shape, long groups) {
        return new ChannelNorm((int) shape.dim(0), (int) shape.dim(1), (int) shape.dim(2), (int) groups);
    }
}
