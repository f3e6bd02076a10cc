package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.jni.Ntl;
import org.nautile.nn.Linear;
import org.nautile.op.MatmulOp;

/** How precise products are: what the setting changes, and where it does. */
@ExtendWith(RestoresDefaults.class)
class MatmulPrecisionTest {
    private static float[] product(Device device, MatmulPrecision precision, long rows) {
        MatmulPrecision.set(precision);
        Generator random = new Generator(3, 0);
        float[] a = new float[(int) (rows * 500)];
        float[] b = new float[500 * 70];
        for (float[] values : new float[][] {a, b}) {
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat(-1, 1);
            }
        }
        try (Scope scope = new Scope()) {
            return new MatmulOp()
                    .apply(Tensor.of(device, a, Shape.of(rows, 500)), Tensor.of(device, b, Shape.of(500, 70)))
                    .toFloatArray();
        }
    }

    /** Whether the processor has bf16 instructions and its kernels are in use. */
    private static void assumeBf16() throws IOException {
        Path cpu = Path.of("/proc/cpuinfo");
        assumeTrue(Files.exists(cpu) && Files.readString(cpu).contains("avx512_bf16"), "no bf16 instructions");
        assumeTrue(Devices.cpu().backend().description().contains("avx512"), "other kernels are forced");
    }

    /** A little above what rounding to nearest gives (2.95e-4, 2.4e-3); TF32 by truncation would give 7.7e-4. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void errorsAreThoseOfRoundingOnce(Device device) {
        float[] exact = product(Device.of("reference"), MatmulPrecision.HIGHEST, 200);
        double[] most = {5e-7, 4e-4, 2.8e-3};
        for (MatmulPrecision precision : MatmulPrecision.values()) {
            double error = ConvAlgorithmTest.distance(exact, product(device, precision, 200));
            assertTrue(error < most[precision.ordinal()], () -> precision + ": " + error);
        }
    }

    @Test
    void mediumRoundsToBfloat16() throws IOException {
        assumeBf16();
        float[] exact = product(Device.of("reference"), MatmulPrecision.HIGHEST, 100);
        double highest = ConvAlgorithmTest.distance(exact, product(Devices.cpu(), MatmulPrecision.HIGHEST, 100));
        double medium = ConvAlgorithmTest.distance(exact, product(Devices.cpu(), MatmulPrecision.MEDIUM, 100));
        assertTrue(highest < 5e-7, () -> "float32: " + highest);
        assertTrue(medium > 1e-3 && medium < 4e-3, () -> "bfloat16: " + medium);
    }

    @Test
    void tensorCoresRound() {
        assumeTrue(Device.names().contains("cuda-emulated"), "no emulator");
        Device device = Device.of("cuda-emulated");
        float[] exact = product(Device.of("reference"), MatmulPrecision.HIGHEST, 250); // more terms than are worth them
        assertTrue(ConvAlgorithmTest.distance(exact, product(device, MatmulPrecision.HIGH, 250)) > 1e-4, "TF32");
        assertTrue(ConvAlgorithmTest.distance(exact, product(device, MatmulPrecision.MEDIUM, 250)) > 1e-3, "bfloat16");
    }

    @Test
    void whatWouldNotBeFasterIsFloat32() {
        Device cpu = Devices.cpu();
        for (long rows : new long[] {1, 2, 31}) {
            assertArrayEquals(
                    product(cpu, MatmulPrecision.HIGHEST, rows), product(cpu, MatmulPrecision.MEDIUM, rows), 0);
        }
        assertArrayEquals(product(cpu, MatmulPrecision.HIGHEST, 100), product(cpu, MatmulPrecision.HIGH, 100), 0);
    }

    @Test
    void threadsChangeNoBit() {
        Device cpu = Devices.cpu();
        Threads.set(1);
        float[] alone = product(cpu, MatmulPrecision.MEDIUM, 700);
        for (int threads : new int[] {2, 3, 5}) {
            Threads.set(threads);
            assertArrayEquals(alone, product(cpu, MatmulPrecision.MEDIUM, 700), 0, threads + " threads");
        }
    }

    @Test
    void aPlanKeepsThePrecisionItWasRecordedWith() throws IOException {
        assumeBf16();
        Device cpu = Devices.cpu();
        MatmulPrecision.set(MatmulPrecision.MEDIUM);
        try (Scope scope = new Scope();
                Linear layer = new Linear(100, 50, new Generator(1, 0))) {
            layer.to(cpu);
            float[] values = new float[64 * 100];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(i);
            }
            Tensor x = Tensor.of(cpu, values, Shape.of(64, 100));
            try (Plan plan = Plan.record(cpu, () -> layer.forward(x))) {
                float[] medium = plan.result().toFloatArray();
                MatmulPrecision.set(MatmulPrecision.HIGHEST);
                plan.run();
                assertArrayEquals(medium, plan.result().toFloatArray(), 0);
                assertFalse(Arrays.equals(medium, layer.forward(x).toFloatArray()), "float32 now");
            }
        }
    }

    @Test
    void names() {
        for (MatmulPrecision precision : MatmulPrecision.values()) {
            assertEquals(precision, MatmulPrecision.of(precision.toString()));
        }
        assertThrows(IllegalArgumentException.class, () -> MatmulPrecision.of("low"));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3})
    void unknownPrecisionIsRefused(int precision) {
        Devices.cpu();
        assertTrue(Ntl.ntl_matmul_precision(precision) != 0);
    }

    /** Prints the precision, in a process of its own. */
    static final class Current {
        private Current() {}

        public static void main(String[] args) {
            System.out.println(MatmulPrecision.current());
        }
    }

    @Test
    void property() throws Exception {
        ChildJvm.Outcome medium = new ChildJvm(Current.class)
                .option("-Dnautile.matmul.precision=medium")
                .run();
        assertTrue(medium.output().contains("medium"), medium::output);
        ChildJvm.Outcome low = new ChildJvm(Current.class)
                .option("-Dnautile.matmul.precision=low")
                .run();
        assertTrue(low.output().contains("nautile.matmul.precision=low is none of highest, high, medium"), low::output);
    }
}
