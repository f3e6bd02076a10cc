package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nautile.backend.BinaryKernel;
import org.nautile.op.ArgmaxOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.CrossEntropyOp;

/** What the host's part of the CUDA devices does: several devices, memory that ends, errors that come late. */
class EmulatedDeviceTest {
    private static final String NAME = "cuda-emulated";

    @BeforeEach
    void needsTheEmulator() {
        try {
            Device.of(NAME);
        } catch (DeviceException e) {
            Assumptions.abort("SKIPPED: " + e.getMessage());
        }
    }

    private static ChildJvm child(Class<?> main) {
        return new ChildJvm(main).environment("NAUTILE_EMULATED_THREADS", "1");
    }

    @Test
    void theFirstDeviceHasTwoNames() {
        assertSame(Device.of(NAME), Device.of(NAME + ":0"));
        assertEquals(NAME, Device.of(NAME + ":0").name());
    }

    @Test
    void aDeviceThatIsNotThereIsNamed() {
        Errors.says(DeviceException.class, () -> Device.of(NAME + ":1"), "there is no cuda-emulated:1", "is 1 device");
        Errors.says(DeviceException.class, () -> Device.of("cpu:1"), "device cpu", "there is one");
        Errors.says(IllegalArgumentException.class, () -> Device.of(NAME + ":x"), "no device 'cuda-emulated:x'");
        Errors.says(IllegalArgumentException.class, () -> Device.of(NAME + ":"), "no device");
    }

    /** Each of two devices has its tensors, and an op does not mix them. */
    static final class TwoDevices {
        public static void main(String[] args) {
            Device first = Device.of(NAME);
            Device second = Device.of(NAME + ":1");
            assertNotSame(first, second);
            try (Scope scope = new Scope()) {
                Tensor a = Tensor.of(first, new float[] {1, 2}, Shape.of(2));
                Tensor b = a.to(second);
                assertEquals("cuda-emulated:1", b.device().name());
                BinaryOp add = new BinaryOp(BinaryKernel.Function.ADD);
                assertEquals(4, add.apply(b, b).toFloatArray()[1]);
                Errors.says(ShapeException.class, () -> add.apply(a, b), "cuda-emulated", "cuda-emulated:1");
            }
            System.out.println("two devices");
        }
    }

    @Test
    void severalDevicesCanBeUsed() throws Exception {
        ChildJvm.Outcome outcome = child(TwoDevices.class)
                .environment("NAUTILE_EMULATED_DEVICES", "2")
                .run();
        assertEquals(0, outcome.code(), outcome.output());
        assertTrue(outcome.output().contains("two devices"), outcome.output());
    }

    /** Fills the device's memory, reads the error, and goes on. */
    static final class TooMuch {
        public static void main(String[] args) {
            Device device = Device.of(NAME);
            try (Scope scope = new Scope()) {
                Tensor kept = Tensor.full(device, DType.FLOAT32, Shape.of(1 << 20), 1);
                try (Scope inner = new Scope()) {
                    while (true) {
                        Tensor.empty(device, DType.FLOAT32, Shape.of(2 << 20));
                    }
                } catch (OutOfMemoryError e) {
                    System.out.println(e.getMessage());
                }
                Tensor.full(device, DType.FLOAT32, Shape.of(8 << 20), 1); // what the inner scope held is free again
                assertEquals(1, kept.toFloatArray()[12345]);
            }
            System.out.println("went on");
        }
    }

    @Test
    void outOfMemorySaysWhoHoldsWhat() throws Exception {
        ChildJvm.Outcome outcome = child(TooMuch.class)
                .environment("NAUTILE_EMULATED_MEMORY", "64m")
                .run();
        assertEquals(0, outcome.code(), outcome.output());
        for (String part : new String[] {
            "out of memory: 8 MiB asked",
            "cudaErrorMemoryAllocation",
            "tensors of 8.0 MiB",
            "1 tensor of 4.0 MiB",
            "the whole device",
            "went on"
        }) {
            assertTrue(outcome.output().contains(part), () -> "'" + part + "' in: " + outcome.output());
        }
    }

    /** A kernel's finding comes when the host waits, once. */
    @Test
    void aLabelOutOfRangeIsReportedAtTheNextWait() {
        Device device = Device.of(NAME);
        try (Scope scope = new Scope()) {
            Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(3, 4), 0);
            Tensor labels = Tensor.of(device, new long[] {0, 4, -2}, Shape.of(3));
            Tensor loss = new CrossEntropyOp().apply(x, labels);
            Errors.says(IllegalArgumentException.class, loss::item, "cross_entropy: target[1] is 4", "0 to 3");
            assertTrue(Double.isNaN(loss.item()));
            assertEquals(0, new ArgmaxOp(1, false).apply(x).toLongArray()[0]);
        }
    }
}
