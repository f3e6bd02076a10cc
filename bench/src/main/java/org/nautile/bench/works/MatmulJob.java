package org.nautile.bench.works;

import java.util.List;
import org.nautile.Plan;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.op.MatmulOp;
import org.nautile.op.Op;

/**
 * A product of matrices: {@code m}, {@code k}, {@code n}, whether a and b are stored transposed ({@code ta}, {@code tb}), and whether
 * b is the same in all calls, so that it may be packed beforehand ({@code packed}).
 */
final class MatmulJob {
    /** From here on the plain Java of the reference takes too long; some elements are checked instead. */
    private static final double LARGE = 5e8;

    private static final int CHECKED = 97; // of each axis at most

    private MatmulJob() {}

    static Job prepare(Work work, Inputs inputs) {
        int m = work.size("m");
        int k = work.size("k");
        int n = work.size("n");
        boolean ta = work.flag("ta");
        boolean tb = work.flag("tb");
        float[] a = inputs.values((long) m * k);
        float[] b = inputs.values((long) k * n);
        Tensor left = Tensor.of(inputs.device(), a, ta ? Shape.of(k, m) : Shape.of(m, k));
        Tensor right = Tensor.of(inputs.device(), b, tb ? Shape.of(n, k) : Shape.of(k, n));
        Op op = new MatmulOp(ta, tb);
        Job job = work.parameters().containsKey("packed")
                ? planned(op, left, right)
                : OpJob.of(work, inputs, op, left, right);
        if (2.0 * m * k * n < LARGE) {
            return job;
        }
        return new Job(
                job.run(),
                job.results(),
                () -> {
                    float[] y = job.results().get().get(0).toFloatArray();
                    double error = 0;
                    double norm = 0;
                    for (int r : spread(m)) {
                        for (int c : spread(n)) {
                            double sum = 0;
                            for (int i = 0; i < k; i++) {
                                double x = ta ? a[i * m + r] : a[r * k + i];
                                sum += x * (tb ? b[c * k + i] : b[i * n + c]);
                            }
                            double difference = y[r * n + c] - sum;
                            error += difference * difference;
                            norm += sum * sum;
                        }
                    }
                    Comparison.requireSmall(work.name(), error, norm, true);
                },
                job.close());
    }

    private static Job planned(Op op, Tensor left, Tensor right) {
        Plan plan = Plan.record(left.device(), List.of(right), () -> op.apply(left, right));
        return new Job(plan::run, () -> List.of(plan.run()), null, plan::close);
    }

    /** Places from the first to the last, at uneven distances, so that every block of a kernel meets some. */
    private static int[] spread(int extent) {
        int count = Math.min(extent, CHECKED);
        int[] places = new int[count];
        for (int i = 0; i < count; i++) {
            places[i] = count == 1 ? 0 : (int) ((long) i * (extent - 1) / (count - 1));
        }
        return places;
    }
}
