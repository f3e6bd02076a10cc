package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.CompareKernel;
import org.nautile.jni.Ntl;

final class CompareNative implements CompareKernel {
    private final long context;

    CompareNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor a, Tensor b, Tensor y, Function function) {
        Loops.run(
                y.shape(),
                new Tensor[] {y, a, b},
                (n, s, address) -> NativeBackend.check(Ntl.ntl_compare_forward(
                        context,
                        address[1],
                        address[2],
                        address[0],
                        n[0],
                        n[1],
                        n[2],
                        n[3],
                        s[1][0],
                        s[1][1],
                        s[1][2],
                        s[1][3],
                        s[2][0],
                        s[2][1],
                        s[2][2],
                        s[2][3],
                        function.ordinal())));
    }
}
