package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.FillKernel;
import org.nautile.jni.Ntl;

final class FillNative implements FillKernel {
    private final long context;

    FillNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor y, double value) {
        long bits = switch (y.dtype()) {
            case FLOAT32 -> Float.floatToRawIntBits((float) value);
            case FLOAT64 -> Double.doubleToRawLongBits(value);
            case INT32, INT64, UINT8 -> (long) value;
        };
        int status =
                Ntl.ntl_fill_forward(context, y.address(), y.size(), y.dtype().bytes(), bits);
        NativeBackend.check(status, y);
    }
}
