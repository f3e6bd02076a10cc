package org.nautile.models.cli;

import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.nautile.Device;
import org.nautile.Threads;
import org.nautile.backend.abi.NativeBackend;
import org.nautile.data.DataLocation;
import org.nautile.data.Mnist;
import org.nautile.models.charts.Picture;

/** The examinations of {@code nautile doctor}. */
final class Doctor {
    private static final long LITTLE_MEMORY = 1L << 30;
    private static final long LITTLE_DISK = 1L << 30;

    private final Machine machine = new Machine(Path.of("/"));
    private final Checkup checkup = new Checkup();

    private Doctor() {}

    static Checkup examine(List<DeviceState> devices) {
        Doctor doctor = new Doctor();
        doctor.system();
        doctor.processor(devices);
        doctor.memory();
        doctor.java();
        doctor.libraries(devices);
        doctor.devices(devices);
        doctor.data();
        doctor.folders();
        return doctor.checkup;
    }

    private void system() {
        checkup.section("System");
        checkup.fact("nautile", Main.projectVersion());
        String distribution = machine.field("/etc/os-release", "PRETTY_NAME").orElse(System.getProperty("os.name"));
        checkup.fact(
                "system",
                distribution + ", kernel " + System.getProperty("os.version") + ", " + System.getProperty("os.arch"));
        Optional<String> library = machine.cLibrary();
        if (library.equals(Optional.of("musl"))) {
            checkup.problem(
                    "C library",
                    "musl",
                    "the native library needs glibc; use a distribution with glibc, or " + "--device reference");
        } else {
            checkup.fact("C library", library.orElse("unknown"));
        }
        Machine.environment().forEach((name, value) -> checkup.fact(name, value));
    }

    private void processor(List<DeviceState> devices) {
        checkup.section("Processor");
        checkup.fact("model", machine.cpuModel());
        List<String> sets = machine.instructionSets();
        checkup.fact("instruction sets", sets.isEmpty() ? "unknown" : String.join(" ", sets));
        boolean cpu = devices.stream().anyMatch(device -> device.name().equals("cpu") && device.usable());
        if (cpu && Device.of("cpu").backend() instanceof NativeBackend backend) {
            checkup.fact("kernels that run", backend.target());
        } else {
            checkup.fact("kernels that run", "none (device cpu cannot be used)");
        }
        int available = Runtime.getRuntime().availableProcessors();
        checkup.fact(
                "processors",
                available + " available to Java, " + machine.processors() + " in the system, "
                        + machine.cpuLimit()
                                .map(limit -> "container limit " + limit)
                                .orElse("no container limit"));
        String origin = System.getProperty("nautile.threads") != null
                ? "property nautile.threads"
                : System.getenv("OMP_NUM_THREADS") != null ? "OMP_NUM_THREADS" : "one per processor";
        String threads = Threads.count() + " (" + origin + ")";
        if (Threads.count() > available) {
            checkup.problem("threads", threads, "more threads than processors are slow; use at most " + available);
        } else {
            checkup.fact("threads", threads);
        }
    }

    private void memory() {
        checkup.section("Memory");
        Optional<Long> total = machine.memory("MemTotal");
        Optional<Long> free = machine.memory("MemAvailable");
        if (total.isPresent() && free.isPresent()) {
            String text = Machine.bytes(free.get()) + " available of " + Machine.bytes(total.get())
                    + machine.memoryLimit()
                            .map(limit -> ", container limit " + Machine.bytes(limit))
                            .orElse("");
            long most = Math.min(free.get(), machine.memoryLimit().orElse(Long.MAX_VALUE));
            if (most < LITTLE_MEMORY) {
                checkup.problem(
                        "memory",
                        text,
                        "less than 1 GB is little for training; end other programs or use a "
                                + "smaller --batch and --limit");
            } else {
                checkup.fact("memory", text);
            }
        }
        checkup.fact(
                "Java heap", "at most " + Machine.bytes(Runtime.getRuntime().maxMemory()));
        Optional<String> pages = machine.hugePages();
        if (pages.equals(Optional.of("never"))) {
            checkup.problem(
                    "huge pages",
                    "never",
                    "large tensors are faster with huge pages: echo madvise | sudo tee "
                            + "/sys/kernel/mm/transparent_hugepage/enabled");
        } else {
            checkup.fact("huge pages", pages.orElse("unknown"));
        }
    }

    private void java() {
        checkup.section("Java");
        checkup.fact("version", System.getProperty("java.version") + ", " + System.getProperty("java.vm.name"));
        checkup.fact("vendor", System.getProperty("java.vendor"));
        checkup.fact("path", System.getProperty("java.home"));
        Optional<String> obstacle = Picture.obstacle();
        if (obstacle.isPresent()) {
            checkup.problem("pictures", obstacle.get(), Picture.REMEDY);
        } else {
            checkup.fact(
                    "pictures",
                    GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames(Locale.ROOT).length
                            + " font families");
        }
    }

    private void libraries(List<DeviceState> devices) {
        checkup.section("Native libraries");
        checkup.fact("JavaCPP", javacppVersion() + ", platform " + Loader.getPlatform());
        for (DeviceState device : devices) {
            if (device.name().equals("cpu")) {
                if (device.usable()) {
                    checkup.fact("jninautile", NativeBackend.version() + ", loaded");
                } else {
                    failed("jninautile", Objects.requireNonNull(device.failure()));
                }
            }
        }
    }

    /** What the system reported, and the sentence that everybody gets. */
    private void failed(String library, Throwable failure) {
        Throwable cause = failure.getCause();
        List<String> causes = Machine.causes(cause == null ? failure : cause);
        checkup.problem(library, String.join("\n", causes), Failures.line(failure));
    }

    private static String javacppVersion() {
        try {
            return Loader.getVersion();
        } catch (IOException e) {
            return "of unknown version";
        }
    }

    private void devices(List<DeviceState> devices) {
        checkup.section("Devices");
        List<String> gpus = machine.gpus();
        checkup.fact("GPU", gpus.isEmpty() ? "no NVIDIA driver found; none is needed" : String.join("; ", gpus));
        for (DeviceState device : devices) {
            if (device.usable()) {
                checkup.fact(device.name(), "usable: " + device.description());
            } else if (!gpus.isEmpty() && device.name().matches("cuda|cudnn")) {
                checkup.problem(device.name(), "not usable", device.detail());
            } else {
                checkup.fact(device.name(), "not usable: " + device.reason());
            }
        }
    }

    private void data() {
        checkup.section("Data");
        List<Path> searched = DataLocation.searched(Mnist.NAME);
        Optional<Path> found = searched.stream().filter(Mnist::isIn).findFirst();
        String absent = "not found in " + searched.stream().map(Path::toString).collect(Collectors.joining(" or "))
                + "; drawn digits stand in until nautile download " + Mnist.NAME;
        checkup.fact(Mnist.NAME, found.map(Path::toString).orElse(absent));
    }

    private void folders() {
        checkup.section("Folders");
        try {
            folder("library cache", Loader.getCacheDir().toPath(), "-Dorg.bytedeco.javacpp.cachedir=DIR");
        } catch (IOException e) {
            checkup.problem(
                    "library cache", Failures.reason(e), "choose a folder: -Dorg.bytedeco.javacpp.cachedir=DIR");
        }
        folder("temporary files", Path.of(System.getProperty("java.io.tmpdir")), "-Djava.io.tmpdir=DIR");
        folder("results", Path.of("runs").toAbsolutePath(), "--out DIR");
    }

    /** Writable, and with room? A folder that does not exist yet is judged by the one in which it would be made. */
    private void folder(String name, Path folder, String choice) {
        Path existing = folder;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
            checkup.problem(name, folder + " cannot be written", "allow it, or choose another folder: " + choice);
            return;
        }
        try {
            long room = Files.getFileStore(existing).getUsableSpace();
            String text = folder + ", " + Machine.bytes(room) + " free";
            if (room < LITTLE_DISK) {
                checkup.problem(name, text, "free some space, or choose another folder: " + choice);
            } else {
                checkup.fact(name, text);
            }
        } catch (IOException e) {
            checkup.problem(name, folder + ": " + Failures.reason(e), "choose another folder: " + choice);
        }
    }
}
