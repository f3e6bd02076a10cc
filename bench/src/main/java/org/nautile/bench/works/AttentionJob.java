package org.nautile.bench.works;

import java.util.List;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.AttentionOp;

/** Attention: {@code h} heads of {@code d} columns, {@code b} sequences of length {@code s}. */
final class AttentionJob {
    /** From here on the plain Java of the reference takes too long; the first head is checked instead. */
    private static final double LARGE = 1e9;

    private AttentionJob() {}

    static Job prepare(Work work, Inputs inputs) {
        Shape shape = Shape.of(work.size("b"), work.size("h"), work.size("s"), work.size("d"));
        AttentionOp op = new AttentionOp(0, work.flag("causal"));
        Tensor[] tensors = new Tensor[3];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = inputs.uniform(shape.dims());
        }
        Job job = OpJob.of(work, inputs, op, tensors);
        if (work.flops() < LARGE) {
            return job;
        }
        return new Job(
                job.run(),
                job.results(),
                () -> check(
                        work.name(), inputs.judges(), shape, op, job.results().get()),
                job.close());
    }

    /** Compares the first head; results are y, or the gradients by q, k and v, and y. */
    private static void check(String name, Inputs same, Shape shape, AttentionOp op, List<Tensor> results) {
        Tensor[] tensors = new Tensor[3];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = Autograd.requireGradient(firstHead(same.uniform(shape.dims())));
        }
        Tensor y = Autograd.apply(op, tensors);
        Comparison.requireClose(name, y, firstHead(results.get(results.size() - 1)));
        if (results.size() == 1) {
            return;
        }
        Autograd.backward(y, firstHead(same.uniform(shape.dims())));
        for (int i = 0; i < tensors.length; i++) {
            Tensor gradient = Autograd.gradient(tensors[i]);
            if (gradient != null) {
                Comparison.requireClose(name, gradient, firstHead(results.get(i)));
            }
        }
    }

    private static Tensor firstHead(Tensor x) {
        return x.view(Shape.of(1, 1, x.shape().dim(2), x.shape().dim(3)), x.offset(), x.strides())
                .copy();
    }
}
