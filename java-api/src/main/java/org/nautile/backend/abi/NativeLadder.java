package org.nautile.backend.abi;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.nautile.DType;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.backend.Ladder;
import org.nautile.jni.Ntl;

/** The rungs in the native library, or in that of a device. */
final class NativeLadder implements Ladder {
    private static final int INPUTS = 3;
    private static final int SIZES = 5;

    private final NativeBackend backend;
    private final String folder;

    NativeLadder(NativeBackend backend, String folder) {
        this.backend = backend;
        this.folder = folder;
    }

    @Override
    public String folder() {
        return folder;
    }

    @Override
    public void run(String rung, List<Tensor> inputs, Tensor y, long... sizes) {
        Stream.concat(inputs.stream(), Stream.of(y)).forEach(tensor -> {
            if (tensor.dtype() != DType.FLOAT32 || !tensor.isContiguous()) {
                throw new ShapeException(rung + ": " + tensor + " is not contiguous float32");
            }
        });
        long[] address = new long[INPUTS];
        for (int i = 0; i < inputs.size(); i++) {
            address[i] = inputs.get(i).address();
        }
        long[] s = Arrays.copyOf(sizes, SIZES);
        NativeBackend.check(
                Ntl.ntl_ladder(
                        backend.context(),
                        rung,
                        address[0],
                        address[1],
                        address[2],
                        y.address(),
                        s[0],
                        s[1],
                        s[2],
                        s[3],
                        s[4]),
                inputs,
                y);
    }
}
