package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.Conv2dKernel;
import org.nautile.jni.Ntl;

final class Conv2dNative implements Conv2dKernel {
    private static final Shape NONE = Shape.of(1, 1, 1, 1);

    private final long context;

    Conv2dNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y, Geometry geometry, boolean relu) {
        int status = Ntl.ntl_conv2d_forward(
                context,
                x.address(),
                weight.address(),
                NativeBackend.address(bias),
                y.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                x.shape().dim(2),
                x.shape().dim(3),
                y.shape().dim(1),
                y.shape().dim(2),
                y.shape().dim(3),
                weight.shape().dim(2),
                weight.shape().dim(3),
                geometry.strideH(),
                geometry.strideW(),
                geometry.paddingH(),
                geometry.paddingW(),
                geometry.dilationH(),
                geometry.dilationW(),
                geometry.groups(),
                relu ? 1 : 0);
        NativeBackend.check(status, x, weight, bias, y);
    }

    @Override
    public void backward(
            @Nullable Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor y,
            Tensor dy,
            @Nullable Tensor bias,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            Geometry geometry,
            boolean... accumulate) {
        Shape picture = shape(x, dx);
        Shape window = shape(weight, dweight);
        int status = Ntl.ntl_conv2d_backward(
                context,
                NativeBackend.address(x),
                NativeBackend.address(weight),
                NativeBackend.address(y),
                dy.address(),
                NativeBackend.address(bias),
                NativeBackend.address(dx),
                NativeBackend.address(dweight),
                NativeBackend.address(dbias),
                dy.shape().dim(0),
                picture.dim(1),
                picture.dim(2),
                picture.dim(3),
                dy.shape().dim(1),
                dy.shape().dim(2),
                dy.shape().dim(3),
                window.dim(2),
                window.dim(3),
                geometry.strideH(),
                geometry.strideW(),
                geometry.paddingH(),
                geometry.paddingW(),
                geometry.dilationH(),
                geometry.dilationW(),
                geometry.groups(),
                accumulate[0] ? 1 : 0,
                accumulate[1] ? 1 : 0,
                accumulate[2] ? 1 : 0);
        NativeBackend.check(status, x, weight, y, dy, bias, dx, dweight, dbias);
    }

    /** The shape that two tensors have, of which one may be all there is; anything if nothing needs it. */
    private static Shape shape(@Nullable Tensor value, @Nullable Tensor gradient) {
        return value != null ? value.shape() : gradient != null ? gradient.shape() : NONE;
    }
}
