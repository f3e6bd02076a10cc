package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.op.Call;
import org.nautile.op.Gradients;
import org.nautile.op.Op;

/**
 * An op: its forward pass into an output that exists, its backward pass after a forward pass that is not timed, or both. Without
 * the tape, like the other libraries' kernels.
 */
final class OpJob {
    private final Op op;
    private final Tensor[] inputs;

    private OpJob(Op op, Tensor[] inputs) {
        this.op = op;
        this.inputs = inputs;
    }

    /**
     * The job for a work whose parameter {@code dir}, if there is one, is fwd, bwd or fwdbwd; or bwdd for the gradient by the
     * first input alone, bwdw for those by the others.
     */
    static Job of(Work work, Inputs source, Op op, Tensor... inputs) {
        OpJob job = new OpJob(op, inputs);
        String direction = work.parameters().getOrDefault("dir", "fwd");
        return switch (direction) {
            case "fwd" -> job.forward();
            case "bwd" -> job.backward(source, 0, inputs.length);
            case "bwdd" -> job.backward(source, 0, 1);
            case "bwdw" -> job.backward(source, 1, inputs.length);
            case "fwdbwd" -> job.both(source);
            default ->
                throw new IllegalArgumentException("dir=" + direction + " is not fwd, bwd, bwdd, bwdw or fwdbwd");
        };
    }

    private Job forward() {
        Tensor output = op.apply(inputs);
        return new Job(() -> op.applyInto(output, inputs), () -> List.of(op.applyInto(output, inputs)));
    }

    private Job backward(Inputs source, int from, int to) {
        Call call = call();
        Tensor dy = upstream(source, call.output());
        Buffers buffers = new Buffers(inputs, from, to);
        return new Job(() -> inScope(() -> op.backward(call, dy, buffers)), () -> {
            op.backward(call, dy, buffers);
            return buffers.results();
        });
    }

    private Job both(Inputs source) {
        Tensor first = call().output();
        Tensor dy = upstream(source, first);
        Buffers buffers = new Buffers(inputs, 0, inputs.length);
        return new Job(() -> inScope(() -> op.backward(call(), dy, buffers)), () -> {
            op.backward(call(), dy, buffers);
            List<Tensor> results = new ArrayList<>(buffers.results());
            results.add(first);
            return results;
        });
    }

    private static Tensor upstream(Inputs source, Tensor output) {
        return source.uniform(output.shape().dims()).laidOutAs(output);
    }

    private Call call() {
        Call call = new Call(op, null, true, inputs);
        call.setOutput(op.forward(call));
        return call;
    }

    private static void inScope(Runnable run) {
        try (Scope scope = new Scope()) {
            run.run();
        }
    }

    /** Gradients of the floating inputs in a range, overwritten each time. */
    private static final class Buffers implements Gradients {
        private final @Nullable Tensor[] made;
        private final @Nullable Tensor[] current;

        Buffers(Tensor[] inputs, int from, int to) {
            made = IntStream.range(0, inputs.length)
                    .mapToObj(i -> from <= i && i < to && inputs[i].dtype().isFloating() ? inputs[i].emptyLike() : null)
                    .toArray(Tensor[]::new);
            current = made.clone();
        }

        @Override
        public boolean wants(int input) {
            return made[input] != null;
        }

        @Override
        public boolean accumulates(int input) {
            return false;
        }

        @Override
        public Tensor buffer(int input) {
            Tensor buffer = denseBuffer(input);
            if (!buffer.isContiguous()) {
                throw new IllegalStateException("the op wants a contiguous gradient: time it with contiguous inputs");
            }
            return buffer;
        }

        @Override
        public Tensor denseBuffer(int input) {
            Tensor buffer = Objects.requireNonNull(made[input]);
            current[input] = buffer;
            return buffer;
        }

        @Override
        public void add(int input, Tensor gradient) {
            if (wants(input)) {
                current[input] = gradient;
            }
        }

        List<Tensor> results() {
            List<Tensor> results = new ArrayList<>();
            for (Tensor gradient : current) {
                if (gradient != null) {
                    results.add(gradient);
                }
            }
            return results;
        }
    }
}
