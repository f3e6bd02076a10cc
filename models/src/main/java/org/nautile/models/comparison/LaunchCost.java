package org.nautile.models.comparison;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.BinaryKernel;
import org.nautile.op.BinaryOp;

/** What a kernel of a recorded step costs that has next to nothing to compute. */
final class LaunchCost {
    private static final int KERNELS = 64;
    private static final int WARM_UP = 200;
    private static final int RUNS = 100;
    private static final BinaryOp ADD = new BinaryOp(BinaryKernel.Function.ADD);

    private LaunchCost() {}

    /** Seconds a kernel, the median of many plans of additions of one element; NaN where no kernels are recorded. */
    static double seconds(Device device) {
        try (Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(1), 0);
                Plan plan = Plan.record(device, () -> chain(x))) {
            if (plan.calls() == 0) {
                return Double.NaN;
            }
            IntStream.range(0, WARM_UP).forEach(i -> seconds(device, plan));
            double run = Quantiles.of(
                            DoubleStream.generate(() -> seconds(device, plan)).limit(RUNS))
                    .median();
            return run / plan.calls();
        }
    }

    private static Tensor chain(Tensor x) {
        Tensor y = x;
        for (int i = 0; i < KERNELS; i++) {
            y = ADD.apply(y, x);
        }
        return y;
    }

    private static double seconds(Device device, Plan plan) {
        long start = System.nanoTime();
        plan.run();
        device.backend().synchronize();
        return (System.nanoTime() - start) / 1e9;
    }
}
