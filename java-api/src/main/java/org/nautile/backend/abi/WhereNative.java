package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.WhereKernel;
import org.nautile.jni.Ntl;

final class WhereNative implements WhereKernel {
    private final long context;

    WhereNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor condition, Tensor a, Tensor b, Tensor y) {
        Loops.run(
                y.shape(),
                new Tensor[] {y, condition, a, b},
                (n, s, address) -> NativeBackend.check(Ntl.ntl_where_forward(
                        context,
                        address[1],
                        address[2],
                        address[3],
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
                        s[3][0],
                        s[3][1],
                        s[3][2],
                        s[3][3])));
    }
}
