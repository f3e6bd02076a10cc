package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.jni.Ntl;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.op.ActivationOp;
import org.nautile.op.Call;
import org.nautile.op.CrossEntropyOp;
import org.nautile.op.MatmulOp;
import org.nautile.optim.Sgd;

/** What is taken from the device comes back. */
class MemoryTest {
    private static long context() {
        Devices.cpu();
        return Ntl.ntl_context_open("cpu");
    }

    /** Bytes in use, once the collector has found what other tests left to it. */
    private static long settled(long context) throws InterruptedException {
        long used = Ntl.ntl_memory_used(context);
        for (int same = 0; same < 5; ) {
            System.gc();
            Thread.sleep(20); // the cleaner is a thread of its own
            long now = Ntl.ntl_memory_used(context);
            same = now == used ? same + 1 : 0;
            used = now;
        }
        return used;
    }

    @Test
    void scopesGiveEverythingBack() throws InterruptedException {
        long context = context();
        long before = settled(context);
        try (Scope scope = new Scope()) {
            Tensor a = Tensor.full(Devices.cpu(), DType.FLOAT32, Shape.of(100, 100), 1);
            assertEquals(before + 40_000, Ntl.ntl_memory_used(context));
            Tensor half = a.view(Shape.of(50, 100), 0, 100, 1);
            a.close();
            assertEquals(before + 40_000, Ntl.ntl_memory_used(context), "the view holds it");
            new MatmulOp(false, true).apply(half, half);
            assertEquals(before + 50_000, Ntl.ntl_memory_used(context));
            Tensor ones = Tensor.full(Devices.cpu(), DType.FLOAT32, Shape.of(50, 100), 1);
            Autograd.requireGradient(ones);
            Autograd.backward(
                    Autograd.apply(new MatmulOp(false, true), half, ones), new MatmulOp(false, true).apply(half, half));
            Objects.requireNonNull(Autograd.gradient(ones)).close();
        }
        assertEquals(before, Ntl.ntl_memory_used(context));
        assertTrue(Ntl.ntl_memory_peak(context) >= before + 50_000);
    }

    /** Weights, gradients and the optimizer's state live as long as the model, not as long as the garbage collector likes. */
    @Test
    void aModelGivesEverythingBack() throws InterruptedException {
        long context = context();
        long before = settled(context);
        Device usual = Device.defaultDevice();
        Device.setDefault(Devices.cpu());
        try (Scope scope = new Scope();
                Sequential plain = new Sequential(new Linear(6, 8, new Generator(1, 0)));
                Sequential model = new Sequential(new Linear(6, 8, new Generator(1, 0)))) {
            backward(plain);
            backward(model); // its gradients move when the optimizer comes
            Sgd optimizer = new Sgd(model, 0.1, 0.9, 0, 0, false);
            optimizer.step();
            model.to(Devices.reference());
            model.to(Devices.cpu());
            backward(model);
            optimizer.step();
        } finally {
            Device.setDefault(usual);
        }
        assertEquals(before, Ntl.ntl_memory_used(context));
    }

    private static void backward(Sequential model) {
        Tensor y = model.forward(Tensor.ones(4, 6));
        Autograd.backward(y, Tensor.ones(4, 8));
    }

    /** Without a scope, too: what is left to the collector costs more than a small op. */
    @Test
    void whatAnOpMakesForItselfIsFreedWhenItIsDone() throws InterruptedException {
        long context = context();
        Tensor x = Scope.disown(Tensor.full(Devices.cpu(), DType.FLOAT32, Shape.of(30, 20), 1));
        Tensor labels = Scope.disown(Tensor.full(Devices.cpu(), DType.INT64, Shape.of(30), 1));
        long before = settled(context);
        new MatmulOp(false, true).apply(x, x).close(); // views, one of them of the result
        assertEquals(before, Ntl.ntl_memory_used(context));
        new CrossEntropyOp().apply(x, labels).close(); // what a backward pass would need
        assertEquals(before, Ntl.ntl_memory_used(context));
        Autograd.requireGradient(x);
        Tensor loss = Autograd.apply(new CrossEntropyOp(), x, labels);
        assertTrue(Ntl.ntl_memory_used(context) > before + loss.size() * DType.FLOAT32.bytes(), "saved for backward");
        Autograd.backward(loss);
        assertEquals(1.0 / 20 / 30, Objects.requireNonNull(Autograd.gradient(x)).toFloatArray()[0], 1e-7);
        List.of(loss, x, labels).forEach(Tensor::close);
    }

    @Test
    void theGarbageCollectorIsTheSafetyNet() throws InterruptedException {
        long context = context();
        long before = settled(context);
        for (int i = 0; i < 100; i++) {
            Tensor.full(Devices.cpu(), DType.FLOAT32, Shape.of(1000), i);
        }
        assertTrue(Ntl.ntl_memory_used(context) > before);
        assertEquals(before, settled(context));
    }

    /** In an arena whose freed blocks cannot be touched, a kernel that reads one takes the JVM with it. */
    @Test
    void theCollectorFreesNothingUnderAKernel() throws Exception {
        Devices.cpu();
        ChildJvm.Outcome child = new ChildJvm(Collected.class)
                .option("-Xmx64m")
                .environment("NAUTILE_ARENA", "guard")
                .run();
        assertEquals(0, child.code(), child::output);
        assertEquals("done", child.output().strip());
    }

    /** No scope owns anything here: what an op makes for itself is garbage as soon as its kernel has the address. */
    static final class Collected {
        public static void main(String[] args) {
            Device cpu = Device.of("cpu");
            work(
                    20_000,
                    Tensor.full(
                            cpu, DType.FLOAT32, Shape.of(10, 10), 1)); // compiled code forgets what it need not keep
            Thread collector = new Thread(() -> {
                while (true) {
                    System.gc();
                    LockSupport.parkNanos(500_000);
                }
            });
            collector.setDaemon(true);
            collector.start();
            work(300, Tensor.full(cpu, DType.FLOAT32, Shape.of(1000, 1000), 1));
            System.out.println("done");
        }

        private static void work(int times, Tensor x) {
            ActivationOp op = new ActivationOp(ActivationKernel.Function.GELU);
            Tensor turned = x.view(x.shape(), 0, 1, x.shape().dim(1));
            for (int i = 0; i < times; i++) {
                op.forward(new Call(op, null, false, turned)).close(); // by way of a contiguous copy
            }
        }
    }

    @Test
    void theLimitSaysWhatWasAskedUsedAndAllowed() throws Exception {
        Devices.cpu();
        ChildJvm.Outcome child =
                new ChildJvm(TooMuch.class).option("-Dnautile.memory.limit=64m").run();
        assertEquals(0, child.code(), child::output);
        assertEquals(
                "out of memory: 32 MiB asked, 40 MiB in use, 64 MiB allowed (nautile.memory.limit); then 24 MiB fit",
                child.output().strip());
        ChildJvm.Outcome wrong = new ChildJvm(TooMuch.class)
                .option("-Dnautile.memory.limit=much")
                .run();
        assertTrue(wrong.output().contains("nautile.memory.limit=much"), wrong::output);
    }

    /** Asks for more than allowed, then for as much as is left. */
    static final class TooMuch {
        private static final int MIB = 1 << 20;

        public static void main(String[] args) {
            Device cpu = Device.of("cpu");
            try (Scope scope = new Scope()) {
                Tensor.empty(cpu, DType.UINT8, Shape.of(40 * MIB));
                String message = "";
                try {
                    Tensor.empty(cpu, DType.UINT8, Shape.of(32 * MIB));
                } catch (OutOfMemoryError e) {
                    message = e.getMessage();
                }
                Tensor rest = Tensor.empty(cpu, DType.UINT8, Shape.of(24 * MIB));
                System.out.println(message + "; then " + rest.size() / MIB + " MiB fit");
            }
        }
    }

    @Test
    void trainingLeavesMemoryFlat() throws Exception {
        Devices.cpu();
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/statm")), "SKIPPED: Linux is needed to see memory");
        // Under AddressSanitizer, freed memory is kept for a while.
        String sanitizer = Objects.requireNonNullElse(System.getenv("ASAN_OPTIONS"), "");
        // A heap of fixed size, touched at the start: what grows is not Java's.
        ChildJvm.Outcome child = new ChildJvm(ManySteps.class)
                .option("-Xms64m")
                .option("-Xmx64m")
                .option("-XX:+AlwaysPreTouch")
                .environment("ASAN_OPTIONS", sanitizer + ":quarantine_size_mb=1")
                .run();
        assertEquals(0, child.code(), child::output);
        String[] grown = child.output().strip().split(" ", -1);
        assertEquals("0", grown[0], () -> "bytes in use: " + child.output());
        assertEquals("0", grown[1], () -> "bytes reserved: " + child.output());
        // The Java compiler's code and the JVM's own data grow by some MiB; 1 KiB a step would be 20 MiB.
        assertTrue(Long.parseLong(grown[2]) < 16 << 20, () -> "resident bytes: " + child.output());
    }

    /** Trains for 20 000 steps; prints by how much memory grew: in use, reserved, resident. */
    static final class ManySteps {
        public static void main(String[] args) throws Exception {
            Device cpu = Device.of("cpu");
            Device.setDefault(cpu);
            long context = Ntl.ntl_context_open("cpu");
            Generator random = new Generator(1, 0);
            try (Sequential model =
                    new Sequential(new Linear(6, 8, random), Activation.relu(), new Linear(8, 3, random))) {
                Sgd optimizer = new Sgd(model, 0.01, 0.9, 0, 0, false);
                Loss loss = Loss.crossEntropy();
                train(3000, model, optimizer, loss);
                long used = Ntl.ntl_memory_used(context);
                long reserved = Ntl.ntl_memory_reserved(context);
                long resident = resident();
                train(20_000, model, optimizer, loss);
                System.out.println((Ntl.ntl_memory_used(context) - used) + " "
                        + (Ntl.ntl_memory_reserved(context) - reserved) + " " + (resident() - resident));
            }
        }

        private static void train(int steps, Sequential model, Sgd optimizer, Loss loss) {
            float[] values = new float[4 * 6];
            for (int i = 0; i < steps; i++) {
                try (Scope scope = new Scope()) {
                    values[i % values.length] += 0.01F;
                    Tensor x = Tensor.of(values, 4, 6);
                    Tensor y = Tensor.of(Device.defaultDevice(), new long[] {0, 1, 2, 1}, Shape.of(4));
                    optimizer.clearGradients();
                    Autograd.backward(loss.of(model.forward(x), y));
                    optimizer.step();
                }
            }
        }

        private static long resident() throws Exception {
            System.gc();
            String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1];
            return Long.parseLong(pages) * 4096;
        }
    }
}
