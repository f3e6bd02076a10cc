package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;
import org.nautile.jni.Ntl;

final class CopyNative implements CopyKernel {
    private final long context;

    CopyNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, boolean accumulate) {
        int bytes = y.dtype().bytes();
        Loops.run(
                y.shape(),
                new Tensor[] {y, x},
                (n, s, address) -> NativeBackend.check(Ntl.ntl_copy_forward(
                        context,
                        address[1],
                        address[0],
                        n[0],
                        n[1],
                        n[2],
                        n[3],
                        s[1][0],
                        s[1][1],
                        s[1][2],
                        s[1][3],
                        s[0][0],
                        s[0][1],
                        s[0][2],
                        s[0][3],
                        bytes,
                        accumulate ? 1 : 0)));
    }
}
