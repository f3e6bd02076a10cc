package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.jni.Ntl;
import org.nautile.op.MatmulOp;

class ThreadsTest {
    private final int before = Threads.count();

    @AfterEach
    void restore() {
        Threads.set(before);
    }

    private static float[] draw(int size, long stream) {
        Generator random = new Generator(7, stream);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return values;
    }

    private static float[] product(int m, int k, int n, long stream) {
        try (Scope scope = new Scope()) {
            Tensor a = Tensor.of(Devices.cpu(), draw(m * k, stream), Shape.of(m, k));
            Tensor b = Tensor.of(Devices.cpu(), draw(k * n, stream + 1), Shape.of(k, n));
            return new MatmulOp().apply(a, b).toFloatArray();
        }
    }

    @Test
    void setReachesThePool() {
        Devices.cpu();
        Threads.set(3);
        assertEquals(3, Threads.count());
        assertEquals(3, Ntl.ntl_threads());
        Errors.says(IllegalArgumentException.class, () -> Threads.set(0), "0 threads");
        assertEquals(3, Threads.count());
    }

    @Test
    void sameBitsForAnyNumberOfThreads() {
        Devices.cpu();
        Threads.set(1);
        float[] expected = product(401, 1009, 307, 0);
        for (int threads : new int[] {2, 3, 5}) {
            Threads.set(threads);
            assertArrayEquals(expected, product(401, 1009, 307, 0), 0, threads + " threads");
        }
    }

    /** The pool serves one at a time; whoever finds it taken computes alone, with the same result. */
    @Test
    void manyCallersAtOnce() throws Exception {
        Devices.cpu();
        Threads.set(1);
        List<float[]> expected = new ArrayList<>();
        for (int caller = 0; caller < 8; caller++) {
            expected.add(product(97, 211, 101, 2L * caller));
        }
        Threads.set(3);
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int caller = 0; caller < 8; caller++) {
                int own = caller;
                all.add(callers.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        assertArrayEquals(expected.get(own), product(97, 211, 101, 2L * own), 0);
                    }
                }));
            }
            for (int threads : new int[] {2, 4, 1, 3}) { // and the size changes under way
                Threads.set(threads);
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @ParameterizedTest
    @CsvSource({"-Dnautile.threads=3, 5, 3", "-Dx=y, 5, 5", "-Dx=y, '2,4', 2", "-XX:ActiveProcessorCount=4, '', 4"})
    void theFirstNumberComesFromPropertyOrEnvironment(String option, String variable, int expected) throws Exception {
        ChildJvm.Outcome child = new ChildJvm(Count.class)
                .option(option)
                .environment("OMP_NUM_THREADS", variable)
                .run();
        assertEquals(Integer.toString(expected), child.output().strip());
    }

    @Test
    void nonsenseIsNamed() throws Exception {
        ChildJvm.Outcome child =
                new ChildJvm(Count.class).option("-Dnautile.threads=two").run();
        assertTrue(child.output().contains("nautile.threads=two"), child::output);
    }

    /** Prints the number of threads. */
    static final class Count {
        public static void main(String[] args) {
            System.out.println(Threads.count());
        }
    }
}
