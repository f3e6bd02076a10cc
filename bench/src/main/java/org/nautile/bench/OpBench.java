package org.nautile.bench;

import org.nautile.Device;
import org.nautile.Tensor;
import org.nautile.op.Op;
import org.nautile.op.ScaleOp;
import org.openjdk.jmh.annotations.Benchmark;

/** The time of an op's forward pass, from Java. */
public abstract class OpBench extends DeviceBench {
    private Tensor[] inputs = {};
    private Tensor output = NOTHING;
    private Op op = new ScaleOp(1, 0);

    /** Sets what is timed, and checks that it is right. */
    final void prepare(Op timed, Tensor... tensors) {
        op = timed;
        inputs = tensors;
        Device reference = reference();
        Tensor[] copies = new Tensor[inputs.length]; // made first: an op may count in an input
        for (int i = 0; i < copies.length; i++) {
            copies[i] = inputs[i].to(reference);
        }
        output = op.apply(inputs);
        requireClose(op.name(), op.apply(copies), output);
    }

    /** The op that is timed. */
    final Op op() {
        return op;
    }

    /** Its inputs. */
    final Tensor[] inputs() {
        return inputs;
    }

    /** Its result. */
    final Tensor output() {
        return output;
    }

    /**
     * Into an output that exists.
     *
     * @return the output
     */
    @Benchmark
    public Tensor forward() {
        return op.applyInto(output, inputs);
    }

    /** With the output allocated and freed. */
    @Benchmark
    public void forwardAllocated() {
        op.apply(inputs).close();
    }
}
