package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.jni.Ntl;
import org.nautile.op.MatmulOp;

/** The instruction set that was forced is the one that runs, so that tests of it test it. */
class InstructionSetTest {
    /** What a processor must have for each, as Linux names it. */
    private static final Map<String, List<String>> NEEDED = Map.of(
            "cpu_baseline", List.of(),
            "cpu_avx2", List.of("avx2", "fma"),
            "cpu_avx512", List.of("avx2", "fma", "avx512f", "avx512vl", "avx512dq", "avx512bw"));

    @BeforeEach
    void needsNativeLibrary() {
        Devices.cpu();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu_baseline", "cpu_avx2", "cpu_avx512"})
    void whatWasForcedIsWhatRuns(String target) throws Exception {
        ChildJvm.Outcome child = forced(target);
        if (processorHas(target)) {
            assertEquals(0, child.code(), child::output);
            assertEquals(
                    "before [], context " + target + ", ran " + target + ", 19.0",
                    child.output().strip());
        } else {
            assertNotEquals(0, child.code(), child::output);
            assertTrue(child.output().contains("DeviceException: device cpu: NAUTILE_FORCE=" + target), child::output);
            assertTrue(child.output().contains("lacks"), child::output);
        }
    }

    @Test
    void unknownSetIsAnErrorThatNamesAllSets() throws Exception {
        ChildJvm.Outcome child = forced("cpu_avx3");
        assertNotEquals(0, child.code(), child::output);
        assertTrue(
                child.output().contains("DeviceException: device cpu: NAUTILE_FORCE=cpu_avx3 is not"), child::output);
        for (String name : NEEDED.keySet()) {
            assertTrue(child.output().contains(name), child::output);
        }
    }

    private static ChildJvm.Outcome forced(String target) throws Exception {
        return new ChildJvm(MultiplyOnCpu.class)
                .environment("NAUTILE_FORCE", target)
                .run();
    }

    /** Found out in another way than by the code under test. */
    private static boolean processorHas(String target) throws Exception {
        Path info = Path.of("/proc/cpuinfo");
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64") && Files.exists(info),
                "SKIPPED: x86-64 Linux is needed to know which instruction sets there are");
        String flags = Files.readString(info)
                .lines()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .orElse("");
        return Arrays.asList(flags.split("\\s+", -1)).containsAll(NEEDED.getOrDefault(target, List.of("?")));
    }

    /** Runs one kernel and prints which instruction set it was of. */
    static final class MultiplyOnCpu {
        public static void main(String[] args) {
            Device cpu = Device.of("cpu");
            String before = Ntl.ntl_last_target().getString();
            String context = Ntl.ntl_context_target(Ntl.ntl_context_open("cpu")).getString();
            try (Scope scope = new Scope()) {
                Tensor a = Tensor.of(cpu, new float[] {2, 3}, Shape.of(1, 2));
                Tensor b = Tensor.of(cpu, new float[] {5, 3}, Shape.of(2, 1));
                double product = new MatmulOp().apply(a, b).item();
                System.out.println("before [" + before + "], context " + context + ", ran "
                        + Ntl.ntl_last_target().getString() + ", " + product);
            }
        }
    }
}
