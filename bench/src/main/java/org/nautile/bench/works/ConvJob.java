package org.nautile.bench.works;

import java.util.Objects;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.Conv2dOp;
import org.nautile.op.ConvTranspose2dOp;
import org.nautile.op.Op;
import org.nautile.op.SliceOp;

/**
 * A convolution, or a transposed one, of {@code n} channels-last pictures: {@code ci} channels, {@code h} by {@code w}, to
 * {@code co} channels by a square kernel {@code k} with padding {@code pad} and stride {@code s}.
 */
final class ConvJob {
    private ConvJob() {}

    static Job prepare(Work work, Inputs inputs, boolean transposed) {
        Op op = op(work, transposed);
        Tensor[] tensors = tensors(work, inputs, transposed);
        tensors[0] = tensors[0].channelsLast();
        Job job = OpJob.of(work, inputs, op, tensors);
        return new Job(job.run(), job.results(), () -> check(work, inputs.judges(), transposed, job), job.close());
    }

    private static Op op(Work work, boolean transposed) {
        int padding = Integer.parseInt(work.parameters().getOrDefault("pad", "0"));
        Geometry geometry = new Geometry(work.size("s"), padding);
        return transposed ? new ConvTranspose2dOp(geometry) : new Conv2dOp(geometry);
    }

    private static Tensor[] tensors(Work work, Inputs inputs, boolean transposed) {
        int in = work.size("ci");
        int out = work.size("co");
        int k = work.size("k");
        Tensor x = inputs.uniform(work.size("n"), in, work.size("h"), work.size("w"));
        Tensor weight = transposed ? inputs.uniform(in, out, k, k) : inputs.uniform(out, in, k, k);
        return new Tensor[] {x, weight, inputs.uniform(out)};
    }

    /** The reference would take minutes: its results for one channel are compared, of y and the weights or of x. */
    private static void check(Work work, Inputs inputs, boolean transposed, Job job) {
        try (Scope scope = new Scope()) {
            Tensor found = job.results().get().get(0);
            Tensor[] tensors = tensors(work, inputs, transposed);
            String direction = work.parameters().getOrDefault("dir", "fwd");
            boolean ofX = direction.equals("bwdd");
            int weightAxis = ofX == transposed ? 0 : 1;
            int channel = work.size(ofX ? "ci" : "co") - 1;
            if (ofX) {
                tensors[0] = slice(tensors[0], 1, channel);
            } else {
                tensors[2] = slice(tensors[2], 0, channel);
            }
            tensors[1] = slice(tensors[1], weightAxis, channel);
            Tensor y;
            if (direction.equals("fwd")) {
                y = op(work, transposed).apply(tensors);
                compare(work, y, slice(found, 1, channel));
                return;
            }
            Tensor wanted = tensors[ofX ? 0 : 1];
            Autograd.requireGradient(wanted);
            y = Autograd.apply(op(work, transposed), tensors);
            Tensor dy = inputs.uniform(y.shape().with(1, work.size("co")).dims());
            Autograd.backward(y, ofX ? dy : slice(dy, 1, channel));
            compare(
                    work,
                    Objects.requireNonNull(Autograd.gradient(wanted)),
                    slice(found, ofX ? 1 : weightAxis, channel));
        }
    }

    private static void compare(Work work, Tensor expected, Tensor found) {
        Comparison.requireClose(work.name(), expected, found);
    }

    private static Tensor slice(Tensor x, int axis, int index) {
        return new SliceOp(axis, index, index + 1, 1).apply(x).contiguous();
    }
}
