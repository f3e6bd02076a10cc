package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.BinaryKernel;
import org.nautile.jni.Ntl;

final class BinaryNative implements BinaryKernel {
    private final long context;

    BinaryNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor a, Tensor b, Tensor y, Function function) {
        if (a.isContiguous() && b.isContiguous() && a.shape().equals(b.shape())) {
            int status =
                    call(a.address(), b.address(), y.address(), 1, 1, 1, y.size(), 0, 0, 0, 1, 0, 0, 0, 1, function);
            NativeBackend.check(status, a, b, y);
            return;
        }
        Loops.run(
                y.shape(),
                new Tensor[] {y, a, b},
                (n, s, address) -> NativeBackend.check(call(
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
                        function)));
    }

    private int call(
            long a,
            long b,
            long y,
            long n0,
            long n1,
            long n2,
            long n3,
            long a0,
            long a1,
            long a2,
            long a3,
            long b0,
            long b1,
            long b2,
            long b3,
            Function function) {
        return Ntl.ntl_binary_forward(
                context, a, b, y, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3, function.ordinal());
    }
}
