package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor reads from the files of the system, on made-up systems. */
class MachineTest {
    @TempDir
    private Path root = Path.of("");

    private Machine machine() {
        return new Machine(root);
    }

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void emptySystemIsUnknownNotAnError() {
        assertEquals("unknown", machine().cpuModel());
        assertEquals(List.of(), machine().instructionSets());
        assertEquals(Optional.empty(), machine().cpuLimit());
        assertEquals(Optional.empty(), machine().memory("MemTotal"));
        assertEquals(Optional.empty(), machine().memoryLimit());
        assertEquals(Optional.empty(), machine().hugePages());
        assertTrue(machine().processors() >= 1);
    }

    @Test
    void processorOfX86() throws IOException {
        String core = """
                processor\t: %d
                model name\t: Example CPU @ 2.00GHz
                flags\t\t: fpu sse4_2 avx avx2 fma f16c avx512f avx512bw amx_tile

                """;
        file("/proc/cpuinfo", core.formatted(0) + core.formatted(1) + core.formatted(2));
        assertEquals("Example CPU @ 2.00GHz", machine().cpuModel());
        assertEquals(
                List.of("sse4_2", "avx", "f16c", "fma", "avx2", "avx512f", "avx512bw", "amx_tile"),
                machine().instructionSets());
        assertEquals(3, machine().processors());
    }

    @Test
    void processorOfArm() throws IOException {
        file("/proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd sve\nCPU implementer\t: 0x41\n");
        assertEquals("ARM, implementer 0x41", machine().cpuModel());
        assertEquals(List.of("asimd", "sve"), machine().instructionSets());
    }

    @Test
    void limitsOfContainers() throws IOException {
        file("/sys/fs/cgroup/cpu.max", "150000 100000\n");
        file("/sys/fs/cgroup/memory.max", "536870912\n");
        assertEquals(Optional.of("1.5"), machine().cpuLimit());
        assertEquals(Optional.of(536870912L), machine().memoryLimit());
        file("/sys/fs/cgroup/cpu.max", "max 100000\n");
        file("/sys/fs/cgroup/memory.max", "max\n");
        assertEquals(Optional.empty(), machine().cpuLimit());
        assertEquals(Optional.empty(), machine().memoryLimit());
    }

    @Test
    void limitsOfOlderContainers() throws IOException {
        file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
        file("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
        file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); // how version 1 says "none"
        assertEquals(Optional.of("2.0"), machine().cpuLimit());
        assertEquals(Optional.empty(), machine().memoryLimit());
        file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
        assertEquals(Optional.empty(), machine().cpuLimit());
    }

    @Test
    void memoryAndHugePages() throws IOException {
        file("/proc/meminfo", "MemTotal:       24648812 kB\nMemAvailable:   1024 kB\n");
        file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
        assertEquals(Optional.of(24648812L * 1024), machine().memory("MemTotal"));
        assertEquals(Optional.of(1048576L), machine().memory("MemAvailable"));
        assertEquals(Optional.of("madvise"), machine().hugePages());
    }

    @Test
    void quotesOfReleaseFilesAreDropped() throws IOException {
        file("/etc/os-release", "NAME=\"Example\"\nPRETTY_NAME=\"Example OS 1\"\n");
        assertEquals(Optional.of("Example OS 1"), machine().field("/etc/os-release", "PRETTY_NAME"));
    }

    @Test
    void driverWithoutItsTool() throws IOException {
        Machine machine = machine();
        if (machine.run("nvidia-smi", "-L").isEmpty()) {
            assertEquals(List.of(), machine.gpus());
            file(
                    "/proc/driver/nvidia/version",
                    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65\nGCC version\n");
            assertEquals(List.of("NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65"), machine.gpus());
        }
    }

    @Test
    void programsThatFailOrLackSayNothing() {
        assertEquals(Optional.of("x"), machine().run("echo", "x"));
        assertEquals(Optional.empty(), machine().run("false"));
        assertEquals(Optional.empty(), machine().run("no-such-program-here"));
    }

    @Test
    void causesAreListedOnce() {
        Throwable deep = new UnsatisfiedLinkError("no x in java.library.path: /a:/b");
        List<String> causes = Machine.causes(new IllegalStateException("outer\nline", new RuntimeException(deep)));
        assertEquals("IllegalStateException: outer; line", causes.get(0));
        assertEquals("UnsatisfiedLinkError: no x in java.library.path", causes.get(causes.size() - 1));
    }

    @Test
    void bytesInWords() {
        assertEquals("0 MB", Machine.bytes(0));
        assertEquals("512 MB", Machine.bytes(512L << 20));
        assertEquals("1.5 GB", Machine.bytes(3L << 29));
    }
}
