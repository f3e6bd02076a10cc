package org.nautile.backend.abi;

import java.lang.ref.Reference;
import org.nautile.DType;
import org.nautile.DeviceException;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.backend.Peaks;
import org.nautile.jni.Ntl;

/** The loops of the native library. The order of {@link Peaks.Stream} is that of {@code NTL_STREAM_...}. */
final class NativePeaks implements Peaks {
    private final long context;

    NativePeaks(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public long multiplyAdd(long rounds) {
        return counted(Ntl.ntl_peak_flops(context, rounds));
    }

    @Override
    public long stream(Stream stream, Tensor array, long size, long gap, long rounds) {
        if (array.dtype() != DType.FLOAT32
                || !array.isContiguous()
                || array.size() < stream.arrays() * Math.addExact(size, gap)) {
            throw new ShapeException("stream: " + array + " for " + stream.arrays() + " arrays of " + size
                    + " float32 with gaps of " + gap);
        }
        long step = (size + gap) * DType.FLOAT32.bytes();
        long a = array.address();
        try {
            return counted(Ntl.ntl_peak_stream(context, stream.ordinal(), a, a + step, a + 2 * step, size, rounds));
        } finally {
            Reference.reachabilityFence(array); // the collector must not free the storage under the loop
        }
    }

    private static long counted(long count) {
        if (count < 0) {
            throw new DeviceException(NativeBackend.lastError());
        }
        return count;
    }
}
