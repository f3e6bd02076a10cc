package org.nautile.autograd;

import java.util.Comparator;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.nautile.Phase;
import org.nautile.Scope;
import org.nautile.ShapeException;
import org.nautile.TapeNode;
import org.nautile.Tensor;
import org.nautile.backend.CopyKernel;
import org.nautile.op.Call;
import org.nautile.op.Gradients;
import org.nautile.op.Op;

/**
 * Computes gradients by the chain rule (reverse mode). {@link #apply} remembers each op whose inputs depend on a tensor
 * that wants a gradient; {@link #backward} goes back over what was remembered, the latest op first, in a loop: depth is not
 * limited by a stack.
 *
 * <p>As in PyTorch, gradients of leaves add up over backward passes until they are cleared, and what was remembered is
 * forgotten by the backward pass that uses it.
 */
public final class Autograd {
    /** What is particular in a thread. */
    private static final class Local {
        int pauses;

        @Nullable
        BiConsumer<Op, Tensor> watcher;
    }

    private static final ThreadLocal<Local> LOCAL = ThreadLocal.withInitial(Local::new);

    private Autograd() {}

    /**
     * Computes an op and remembers it for {@link #backward}.
     *
     * @param op the op
     * @param inputs its inputs, as {@link Op#inputs} names them
     * @return the output, owned by the innermost open scope
     * @throws ShapeException if shapes, types or devices do not fit
     */
    public static Tensor apply(Op op, Tensor... inputs) {
        boolean recording = false;
        for (Tensor input : inputs) {
            recording |= input.tapeNode() != null;
        }
        Local here = LOCAL.get();
        recording = recording && here.pauses == 0;
        Call call = new Call(op, null, recording, inputs);
        Tensor output = call.forward();
        if (recording && output.dtype().isFloating()) {
            call.setOutput(output);
            output.setTapeNode(new Step(call));
        }
        if (here.watcher != null) {
            here.watcher.accept(op, output);
        }
        return output;
    }

    /**
     * Shows the result of every op to a watcher, in this thread, until the result is closed. For finding errors.
     *
     * @param watcher is given each op after its forward pass, and its output
     * @return to be closed, best by try-with-resources
     */
    public static Pause watch(BiConsumer<Op, Tensor> watcher) {
        Local here = LOCAL.get();
        BiConsumer<Op, Tensor> before = here.watcher;
        here.watcher = watcher;
        return new Pause(() -> here.watcher = before);
    }

    /**
     * Makes a tensor a leaf whose gradient {@link #backward} computes.
     *
     * @param tensor floating and dense (contiguous or channels-last), not the result of a remembered op
     * @return the tensor
     * @throws ShapeException if it is not floating or not dense
     * @throws IllegalStateException if it is the result of a remembered op
     */
    public static Tensor requireGradient(Tensor tensor) {
        if (!tensor.dtype().isFloating() || !tensor.isDense()) {
            throw new ShapeException("requireGradient: " + tensor + " is not floating and dense");
        }
        if (tensor.tapeNode() instanceof Step) {
            throw new IllegalStateException("requireGradient: " + tensor + " is the result of an op, not a leaf");
        }
        if (tensor.tapeNode() == null) {
            tensor.setTapeNode(new Leaf(tensor, null));
        }
        return tensor;
    }

    /**
     * Makes a tensor a leaf whose gradient goes to a given place.
     *
     * @param tensor floating and dense
     * @param gradient contiguous, of the same shape, type and device
     * @return the tensor
     * @throws ShapeException if the two differ
     */
    public static Tensor requireGradient(Tensor tensor, Tensor gradient) {
        if (!gradient.shape().equals(tensor.shape())
                || gradient.dtype() != tensor.dtype()
                || gradient.device() != tensor.device()
                || !gradient.isContiguous()) {
            throw new ShapeException("requireGradient: tensor is " + tensor + ", gradient is " + gradient);
        }
        tensor.setTapeNode(null);
        requireGradient(tensor);
        tensor.setTapeNode(new Leaf(tensor, gradient));
        return tensor;
    }

    /**
     * The gradient of a leaf.
     *
     * @param leaf a tensor given to {@link #requireGradient}
     * @return null if no backward pass has reached it since it was cleared
     */
    public static @Nullable Tensor gradient(Tensor leaf) {
        return leaf.tapeNode() instanceof Leaf node && node.filled ? node.gradient : null;
    }

    /**
     * Forgets the gradient of a leaf: the next backward pass overwrites it.
     *
     * @param leaf a tensor given to {@link #requireGradient}
     */
    public static void clearGradient(Tensor leaf) {
        if (leaf.tapeNode() instanceof Leaf node) {
            node.filled = false;
        }
    }

    /**
     * Stops remembering, in this thread, until the result is closed.
     *
     * @return to be closed, best by try-with-resources
     */
    public static Pause noGrad() {
        Local here = LOCAL.get();
        here.pauses++;
        return new Pause(() -> here.pauses--);
    }

    /**
     * Whether {@link #noGrad} holds in this thread: what an op leaves is then needed by no backward pass.
     *
     * @return true if nothing is remembered
     */
    public static boolean isPaused() {
        return LOCAL.get().pauses > 0;
    }

    /** The time in which {@link #noGrad} or {@link #watch} holds. */
    public static final class Pause implements AutoCloseable {
        private @Nullable Runnable end;

        private Pause(Runnable end) {
            this.end = end;
        }

        @Override
        public void close() {
            if (end != null) {
                end.run();
                end = null;
            }
        }
    }

    /**
     * Computes the gradient of a scalar by every leaf it depends on, and adds it to the leaf's.
     *
     * @param loss one element
     * @throws ShapeException if there are more
     * @throws IllegalStateException if it depends on no leaf, or was used before
     */
    public static void backward(Tensor loss) {
        if (loss.size() != 1) {
            throw new ShapeException("backward: " + loss + " is not a scalar; give the gradient by it");
        }
        try (Scope scope = new Scope()) {
            backward(loss, Tensor.full(loss.device(), loss.dtype(), loss.shape(), 1));
        }
    }

    /**
     * Computes the gradient of {@code sum(output * dy)} by every leaf that output depends on, and adds it to the leaf's.
     *
     * @param output the result of a remembered op
     * @param dy of its shape, type and device
     * @throws ShapeException if they differ
     * @throws IllegalStateException if output depends on no leaf, or was used before
     */
    public static void backward(Tensor output, Tensor dy) {
        if (!dy.shape().equals(output.shape()) || dy.dtype() != output.dtype() || dy.device() != output.device()) {
            throw new ShapeException("backward: output is " + output + ", dy is " + dy);
        }
        if (!(output.tapeNode() instanceof Node root)) {
            throw new IllegalStateException("backward: " + output + " depends on no tensor that wants a gradient");
        }
        try (Phase.Span phase = Phase.BACKWARD.begin();
                Scope scope = new Scope(); // the gradients of intermediate results, and what computing them needs
                Pause pause = noGrad()) {
            root.add(dy);
            PriorityQueue<Step> open = new PriorityQueue<>(Comparator.comparingLong((Step step) -> -step.order));
            if (root instanceof Step step) {
                open.add(step);
            }
            for (Step step = open.poll(); step != null; step = open.poll()) {
                step.propagate(open);
            }
        }
    }

    /** A tensor on the tape, and the gradient by it as far as it is known. */
    private abstract static class Node implements TapeNode {
        @Nullable
        Tensor gradient;

        boolean filled;

        /** The gradient, dense, for writing: its content stays if it is filled, and is unspecified if not. */
        abstract Tensor buffer();

        /** As buffer(), contiguous. */
        abstract Tensor contiguousBuffer();

        abstract void add(Tensor addend);

        final void accumulate(Tensor addend) {
            Tensor sum = buffer();
            CopyKernel.TYPE.on(addend).forward(addend, sum, true);
        }
    }

    /** A tensor that the user wants the gradient by. Its gradient outlives the backward pass. */
    private static final class Leaf extends Node {
        private final Tensor tensor;

        Leaf(Tensor tensor, @Nullable Tensor gradient) {
            this.tensor = tensor;
            this.gradient = gradient;
        }

        @Override
        Tensor buffer() {
            if (gradient == null) {
                gradient = Scope.disown(Tensor.empty(tensor.device(), tensor.dtype(), tensor.shape()));
            }
            filled = true;
            return gradient;
        }

        @Override
        Tensor contiguousBuffer() {
            return buffer();
        }

        @Override
        void add(Tensor addend) {
            if (filled) {
                accumulate(addend);
            } else {
                buffer().copyFrom(addend);
            }
        }
    }

    /** The result of an op. Its gradient lives until the op has used it. */
    private static final class Step extends Node implements Gradients {
        private static final AtomicLong COUNT = new AtomicLong();

        final long order = COUNT.getAndIncrement();
        private final String name;
        private @Nullable Call call;
        private boolean shared; // the gradient's memory is also another's
        private @Nullable PriorityQueue<Step> open;

        Step(Call call) {
            this.call = call;
            this.name = call.op().name();
        }

        private Call call() {
            if (call == null) {
                throw new IllegalStateException("backward: " + name + " was already used by a backward pass");
            }
            return call;
        }

        private Tensor tensor() {
            return call().output();
        }

        @Override
        Tensor buffer() {
            if (gradient == null) {
                gradient = tensor().emptyLike();
            } else if (shared) {
                gradient = tensor().emptyLike().copyFrom(gradient);
                shared = false;
            }
            filled = true;
            return gradient;
        }

        @Override
        Tensor contiguousBuffer() {
            if (gradient == null) {
                gradient = Tensor.empty(tensor().device(), tensor().dtype(), tensor().shape());
            } else if (shared || !gradient.isContiguous()) {
                gradient = gradient.copy();
                shared = false;
            }
            filled = true;
            return gradient;
        }

        @Override
        void add(Tensor addend) {
            call();
            if (filled) {
                accumulate(addend);
            } else {
                gradient = addend.detach(); // a handle of our own, which propagate() closes
                shared = true;
                filled = true;
            }
        }

        /** Passes the gradient on to the inputs, which join the open steps. */
        void propagate(PriorityQueue<Step> steps) {
            Call done = call();
            Tensor known = Objects.requireNonNull(gradient);
            open = steps;
            Tensor dy = known.laidOutAs(tensor());
            try {
                done.op().backward(done, dy, this);
            } finally {
                open = null;
                call = null;
                gradient = null;
                known.close();
                if (dy != known) {
                    dy.close();
                }
            }
        }

        private Node node(int input) {
            Node node = (Node) Objects.requireNonNull(call().input(input).tapeNode());
            if (!node.filled && node instanceof Step step) {
                Objects.requireNonNull(open).add(step);
            }
            return node;
        }

        @Override
        public boolean wants(int input) {
            return call().input(input).tapeNode() != null;
        }

        @Override
        public boolean accumulates(int input) {
            Node node = (Node) Objects.requireNonNull(call().input(input).tapeNode());
            return node.filled;
        }

        @Override
        public Tensor buffer(int input) {
            return node(input).contiguousBuffer();
        }

        @Override
        public Tensor denseBuffer(int input) {
            return node(input).buffer();
        }

        @Override
        public void add(int input, Tensor addend) {
            if (wants(input)) {
                node(input).add(addend);
            }
        }
    }
}
