package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.ChildJvm;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.op.Op;

/** More than 2^31 elements: what can be computed is right, and what cannot is refused. */
class HugeTest {
    private static final long MANY = (1L << 31) + 1; // 3 * 715 827 883

    /**
     * Calls every op, in a process of its own with little memory for tensors, with inputs of which one axis is so long. An axis
     * without strides needs no memory; results do.
     */
    static final class EveryOp {
        private EveryOp() {}

        public static void main(String[] args) {
            Device device = Device.of(args[0]);
            for (String name : OpCases.ops()) {
                for (int axis = 0; axis < 4; axis++) {
                    call(device, name, axis);
                }
            }
            System.out.println("the end");
        }

        private static void call(Device device, String name, int axis) {
            for (OpCase test : OpCases.of(name)) {
                if (!canBeLong(test) || test.inputs().get(0).shape().rank() <= axis) {
                    continue;
                }
                try (Scope scope = new Scope()) {
                    Tensor[] inputs = new Pass.Plan(test, device).tensors();
                    long extent = inputs[0].shape().dim(axis);
                    for (int i = 0; i < inputs.length; i++) {
                        Shape shape = inputs[i].shape();
                        if (shape.rank() > axis && shape.dim(axis) == extent && !test.isState(i)) {
                            long[] strides = inputs[i].strides();
                            strides[axis] = 0;
                            inputs[i] = inputs[i].view(shape.with(axis, MANY), inputs[i].offset(), strides);
                        }
                    }
                    System.out.println(name + " " + axis + ": " + outcome(test.op(), inputs));
                    return;
                }
            }
        }

        private static String outcome(Op op, Tensor... inputs) {
            try {
                return "computed " + op.apply(inputs).shape();
            } catch (ShapeException | OutOfMemoryError e) {
                return "refused " + e.getMessage();
            } catch (RuntimeException | Error e) {
                return "BROKE " + e;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference", "cuda-emulated"})
    void everyOpComputesOrRefuses(String device) throws Exception {
        try {
            Device.of(device);
        } catch (DeviceException e) {
            Assumptions.abort("SKIPPED: " + e.getMessage());
        }
        ChildJvm.Outcome child = new ChildJvm(EveryOp.class)
                .option("-Dnautile.memory.limit=256m")
                .run(device);
        assertEquals(0, child.code(), child::output);
        List<String> lines = new ArrayList<>(child.output().lines().toList());
        assertEquals("the end", lines.remove(lines.size() - 1));
        for (String line : lines) {
            String op = line.substring(0, line.indexOf(' '));
            assertTrue(
                    line.contains(": computed ")
                            || line.contains(": refused " + op + ":")
                            || line.contains(": refused out of memory: "),
                    line);
        }
        assertEquals(
                OpCases.ops().stream()
                        .filter(op -> OpCases.of(op).stream().anyMatch(HugeTest::canBeLong))
                        .collect(Collectors.toSet()),
                lines.stream().map(line -> line.substring(0, line.indexOf(' '))).collect(Collectors.toSet()));
    }

    private static boolean canBeLong(OpCase test) {
        return test.op().getClass().getPackageName().equals(Op.class.getPackageName()) // not a bare kernel
                && !test.inputs().isEmpty()
                && test.inputs().get(0).shape().rank() > 0
                && test.inputs().get(0).shape().size() > 0;
    }

    @Test
    void elementsBeyondAreReached() {
        Device cpu = Devices.cpu();
        long free = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getFreeMemorySize();
        Assumptions.assumeTrue(free > 6 * MANY, "SKIPPED: two tensors of 2 GiB need more free memory than " + free);
        try (Scope scope = new Scope()) {
            Tensor x = Tensor.empty(cpu, DType.UINT8, Shape.of(MANY)).fill(7);
            x.view(Shape.of(2), MANY - 2, 1).set(new byte[] {1, 2});
            Tensor turned = Tensor.empty(cpu, DType.UINT8, Shape.of(MANY))
                    .copyFrom(x.view(Shape.of(3, MANY / 3), 0, 1, 3).reshape(Shape.of(MANY)));
            assertArrayEquals(new byte[] {7, 1, 2}, (byte[])
                    x.view(Shape.of(3), MANY - 3, 1).toArray());
            // column by column: the last of each third, and the last of all
            assertArrayEquals(new byte[] {7, 1, 2}, (byte[])
                    turned.view(Shape.of(3), MANY / 3 - 1, MANY / 3).toArray());
            Errors.says(ShapeException.class, x::toArray, "toArray", String.valueOf(MANY), "2147483639");
        }
    }
}
