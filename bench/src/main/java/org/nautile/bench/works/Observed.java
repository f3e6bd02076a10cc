package org.nautile.bench.works;

import java.lang.StackWalker.StackFrame;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Plan;
import org.nautile.Shape;
import org.nautile.Storage;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Backend;
import org.nautile.backend.KernelType;
import org.nautile.backend.Peaks;
import org.nautile.backend.Recording;
import org.nautile.bench.works.KernelCall.Part;
import org.nautile.bench.works.KernelCall.Site;
import org.nautile.nn.FlatParameters;
import org.nautile.nn.Module;
import org.nautile.op.Op;
import org.nautile.optim.Optimizer;

/** Another device whose kernels are remembered, each with what it was given and who called it. For one thread. */
final class Observed extends Backend {
    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final Backend backend;
    private final Predicate<List<KernelCall>> wanted;
    private List<KernelCall> calls = new ArrayList<>();
    private List<Output> outputs = new ArrayList<>();
    private @Nullable Recording recording;
    private @Nullable Trace recorded;
    private boolean plain;

    /** A device of which a training step is wanted. */
    Observed(Backend backend) {
        this(backend, Observed::trains); // and not what a model only says, as a player asks its network for moves
    }

    /**
     * A device.
     *
     * @param backend which
     * @param wanted whether something that was recorded is what is looked for
     */
    Observed(Backend backend, Predicate<List<KernelCall>> wanted) {
        this.backend = backend;
        this.wanted = wanted;
    }

    /**
     * What an op gave in the forward pass.
     *
     * @param op the op's name
     * @param layer the class of the layer that it is a part of; empty if it is of none
     * @param shape of the result
     */
    record Output(String op, String layer, Shape shape) {}

    /**
     * What a step did.
     *
     * @param calls its kernels, in order
     * @param outputs what ops gave in the forward pass, in order
     * @param parts its kernels as they were recorded, before neighbours are fused; empty if nothing was recorded
     */
    record Trace(List<KernelCall> calls, List<Output> outputs, List<Plan.Part> parts) {}

    /** What was recorded last, of what is wanted; null if there is none. */
    @Nullable
    Trace recorded() {
        return recorded;
    }

    /** Whether a training step was recorded, or would have been on a device that can. */
    boolean stepped() {
        return recorded != null || (plain && trains(calls));
    }

    private static boolean trains(List<KernelCall> calls) {
        return calls.stream().anyMatch(call -> call.site().part() == Part.OPTIMIZER);
    }

    /** Forgets everything. */
    void clear() {
        calls = new ArrayList<>();
        outputs = new ArrayList<>();
        recorded = null;
        plain = false;
    }

    /** What was done since it was cleared. */
    Trace done() {
        return new Trace(List.copyOf(calls), List.copyOf(outputs), List.of());
    }

    /** Remembers what ops give in the forward pass, too, until the result is closed. */
    Autograd.Pause watchOps() {
        return Autograd.watch((op, output) -> outputs.add(new Output(op.name(), layer(), output.shape())));
    }

    private static String layer() {
        return frame(Module.class)
                .map(frame -> frame.getDeclaringClass().getSimpleName())
                .orElse("");
    }

    private static Optional<StackFrame> frame(Class<?> type) {
        return STACK.walk(frames -> frames.filter(frame -> type.isAssignableFrom(frame.getDeclaringClass()))
                .findFirst());
    }

    private Site site() {
        Optional<StackFrame> op = frame(Op.class);
        Part part = frame(Optimizer.class).isPresent()
                        || frame(FlatParameters.class).isPresent()
                ? Part.OPTIMIZER
                : STACK.walk(frames -> frames.anyMatch(frame -> frame.getDeclaringClass() == Autograd.class
                                && frame.getMethodName().equals("backward")))
                        ? Part.BACKWARD
                        : Part.FORWARD;
        return new Site(
                part, op.map(frame -> frame.getDeclaringClass().getSimpleName()).orElse(""), outputs.size());
    }

    @Override
    protected <K> K load(KernelType<K> type) {
        K kernel = backend.kernel(type);
        Class<K> face = type.type();
        return face.cast(Proxy.newProxyInstance(
                face.getClassLoader(),
                new Class<?>[] {face},
                (proxy, method, args) -> call(type, kernel, method, args)));
    }

    private @Nullable Object call(KernelType<?> type, Object kernel, Method method, @Nullable Object[] args)
            throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(kernel, args);
        }
        int first = recording == null ? 0 : (int) recording.calls();
        Object result;
        try {
            result = method.invoke(kernel, args);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
        int count = recording == null ? 0 : (int) recording.calls() - first;
        calls.add(new KernelCall(type.op(), method.getName(), KernelCall.flattened(args), site(), first, count));
        return result;
    }

    @Override
    public @Nullable Recording record() {
        calls = new ArrayList<>();
        outputs = new ArrayList<>();
        recording = backend.record();
        plain = recording == null;
        return recording == null ? null : new Watched(recording);
    }

    /** Takes down what was recorded when the recording ends. */
    private final class Watched implements Recording {
        private final Recording real;

        Watched(Recording real) {
            this.real = real;
        }

        @Override
        public void constant(Tensor tensor) {
            real.constant(tensor);
        }

        @Override
        public void end(boolean keep) {
            if (wanted.test(calls)) {
                recorded = new Trace(calls, outputs, real.parts());
            }
            calls = new ArrayList<>();
            outputs = new ArrayList<>();
            recording = null;
            real.end(keep);
        }

        @Override
        public void run() {
            real.run();
        }

        @Override
        public long calls() {
            return real.calls();
        }

        @Override
        public long bytes() {
            return real.bytes();
        }

        @Override
        public void measure(boolean on) {
            real.measure(on);
        }

        @Override
        public List<Plan.Part> parts() {
            return real.parts();
        }

        @Override
        public void close() {
            real.close();
        }
    }

    @Override
    public String description() {
        return backend.description();
    }

    @Override
    public boolean supports(DType dtype) {
        return backend.supports(dtype);
    }

    @Override
    public Storage allocate(DType dtype, long size) {
        return backend.allocate(dtype, size);
    }

    @Override
    public void write(Object array, int from, Storage to, long offset, int count) {
        backend.write(array, from, to, offset, count);
    }

    @Override
    public void read(Storage from, long offset, Object array, int to, int count) {
        backend.read(from, offset, array, to, count);
    }

    @Override
    public boolean borrows(String op) {
        return backend.borrows(op);
    }

    @Override
    public void synchronize() {
        backend.synchronize();
    }

    @Override
    public @Nullable Peaks peaks() {
        return backend.peaks();
    }
}
