package org.nautile.models.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the system says about itself: files under a root (a test has its own), and other programs. */
public final class Machine {
    private static final long PROGRAM_SECONDS = 10;

    /** The instruction sets that matter to kernels, as Linux spells them, in the order of their invention. */
    private static final List<String> SETS = List.of(
            "sse4_2",
            "avx",
            "f16c",
            "fma",
            "avx2",
            "avx_vnni",
            "avx512f",
            "avx512bw",
            "avx512dq",
            "avx512vl",
            "avx512_vnni",
            "avx512_bf16",
            "avx512_fp16",
            "amx_tile",
            "amx_int8",
            "amx_bf16",
            "asimd",
            "sve",
            "sve2");

    private final Path root;

    /**
     * The machine whose files these are.
     *
     * @param root {@code /}, but in a test
     */
    public Machine(Path root) {
        this.root = root;
    }

    /**
     * A whole file without the white space at its ends.
     *
     * @param path for example {@code "/proc/cpuinfo"}
     * @return empty if it cannot be read
     */
    public Optional<String> read(String path) {
        try {
            return Optional.of(Files.readString(root.resolve(path.substring(1))).strip());
        } catch (IOException | SecurityException e) {
            return Optional.empty();
        }
    }

    boolean exists(String path) {
        return Files.exists(root.resolve(path.substring(1)));
    }

    /** The value of the first line {@code key : value} or {@code key=value} of a file. */
    Optional<String> field(String path, String key) {
        return read(path)
                .flatMap(text -> text.lines()
                        .map(line -> line.split("[:=]", 2))
                        .filter(parts -> parts.length == 2 && parts[0].strip().equals(key))
                        .map(parts -> parts[1].strip().replaceAll("^\"|\"$", ""))
                        .findFirst());
    }

    /**
     * The processor's name.
     *
     * @return {@code "unknown"} if the system does not say
     */
    public String cpuModel() {
        return field("/proc/cpuinfo", "model name")
                .or(() -> field("/proc/cpuinfo", "CPU implementer").map(id -> "ARM, implementer " + id))
                .orElse("unknown");
    }

    List<String> instructionSets() {
        String flags = field("/proc/cpuinfo", "flags")
                .or(() -> field("/proc/cpuinfo", "Features"))
                .orElse("");
        Set<String> present = new HashSet<>(Arrays.asList(flags.split("\\s+")));
        return SETS.stream().filter(present::contains).toList();
    }

    /**
     * The processors the system has, whoever may use them.
     *
     * @return {@code >= 1}
     */
    public long processors() {
        return read("/proc/cpuinfo")
                .map(text -> text.lines()
                        .filter(line -> line.startsWith("processor"))
                        .count())
                .filter(count -> count > 0)
                .orElse((long) Runtime.getRuntime().availableProcessors());
    }

    /** The processors a container grants, for example "2.0"; empty without a limit. */
    Optional<String> cpuLimit() {
        Optional<String> version2 = read("/sys/fs/cgroup/cpu.max")
                .map(text -> text.split("\\s+"))
                .filter(parts -> parts.length == 2 && !parts[0].equals("max"))
                .map(parts -> ratio(parts[0], parts[1]));
        return version2.or(() -> read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
                .filter(quota -> !quota.startsWith("-"))
                .flatMap(quota -> read("/sys/fs/cgroup/cpu/cpu.cfs_period_us").map(period -> ratio(quota, period))));
    }

    private static String ratio(String quota, String period) {
        return String.format(Locale.ROOT, "%.1f", Double.parseDouble(quota) / Double.parseDouble(period));
    }

    /** A number of kB of /proc/meminfo, in bytes. */
    Optional<Long> memory(String key) {
        return field("/proc/meminfo", key).map(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024);
    }

    /** The bytes a container grants; empty without a limit. */
    Optional<Long> memoryLimit() {
        return read("/sys/fs/cgroup/memory.max")
                .or(() -> read("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .filter(bytes -> bytes < 1L << 60); // version 1 says "no limit" by a huge number
    }

    /** The choice in brackets, of "always [madvise] never". */
    Optional<String> hugePages() {
        return read("/sys/kernel/mm/transparent_hugepage/enabled")
                .filter(text -> text.contains("[") && text.contains("]"))
                .map(text -> text.substring(text.indexOf('[') + 1, text.indexOf(']')));
    }

    /** The C library, for example "glibc 2.36". */
    Optional<String> cLibrary() {
        Optional<String> glibc = run("getconf", "GNU_LIBC_VERSION").filter(text -> text.startsWith("glibc"));
        if (glibc.isPresent()) {
            return glibc;
        }
        String arch = System.getProperty("os.arch").replace("amd64", "x86_64");
        return exists("/lib/ld-musl-" + arch + ".so.1") ? Optional.of("musl") : Optional.empty();
    }

    /**
     * What a program prints.
     *
     * @param command the program and its arguments
     * @return empty if there is no such program, it fails, or it does not end in time
     */
    public Optional<String> run(String... command) {
        Path output = null;
        try {
            output = Files.createTempFile("nautile-", ".txt"); // a pipe would block a program that hangs
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(new File("/dev/null"))
                    .start();
            if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            String text = Files.readString(output, StandardCharsets.UTF_8).strip();
            return process.exitValue() == 0 ? Optional.of(text) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            delete(output);
        }
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }

    /**
     * The GPUs of the NVIDIA driver.
     *
     * @return a line each; empty without
     */
    public List<String> gpus() {
        return run("nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")
                .map(text -> text.lines().map(Machine::gpu).toList())
                .or(() -> read("/proc/driver/nvidia/version")
                        .map(text -> List.of(text.lines().findFirst().orElse("driver of unknown version"))))
                .orElse(List.of());
    }

    private static String gpu(String line) {
        String[] parts = line.split(", ", -1);
        return parts.length == 3 ? parts[0] + ", driver " + parts[1] + ", " + parts[2] : line;
    }

    /** The environment variables that change what Nautile does. */
    static Map<String, String> environment() {
        List<String> names = List.of("NAUTILE_DATA", "NAUTILE_FORCE", "OMP_NUM_THREADS", "JAVA_TOOL_OPTIONS");
        Map<String, String> set = new TreeMap<>();
        for (String name : names) {
            String value = System.getenv(name);
            if (value != null) {
                set.put(name, value);
            }
        }
        return set;
    }

    /** A failure and its causes, outermost first, each once. */
    static List<String> causes(Throwable failure) {
        List<String> lines = new ArrayList<>();
        for (Throwable cause = failure; cause != null && lines.size() < 8; cause = cause.getCause()) {
            String message = cause.getMessage() == null ? "no message" : cause.getMessage();
            String line = cause.getClass().getSimpleName() + ": " + Failures.oneLine(message);
            if (!lines.contains(line)) {
                lines.add(line);
            }
        }
        return lines;
    }

    /** Bytes in words: "512 MB" and the like, with powers of 1024. */
    static String bytes(long bytes) {
        if (bytes < 1L << 30) {
            return (bytes >> 20) + " MB";
        }
        return String.format(Locale.ROOT, "%.1f GB", bytes / (double) (1L << 30));
    }
}
