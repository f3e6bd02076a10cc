package org.nautile.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.ChildJvm;
import org.nautile.backend.abi.NativeBackend;
import org.nautile.jni.NtlPresets;
import org.nautile.models.cli.Main;

/**
 * Spoiled installations: each gives one sentence with the reason and the remedy and exit code 1, the doctor says the same, and
 * the remedy works.
 */
class InstallationTest {
    private static final Path DRIVER = Path.of("/dev/nvidiactl");

    @TempDir
    Path folder;

    private Installation installation;

    @BeforeEach
    void copy() throws Exception {
        installation = new Installation(folder);
        Assumptions.assumeTrue(Installation.PLATFORM.startsWith("linux"), "SKIPPED: Linux is needed");
    }

    @Test
    void withoutTheCppLibrary() throws Exception {
        installation.replace("libstdc++.so.6", "libstdc++.so.9"); // a name that no system has
        fails(
                jvm(),
                "needs libstdc++.so.9, which is missing here; install the C++ library (Debian: apt-get install libstdc++6)");
    }

    @Test
    void onAnOlderSystem() throws Exception {
        installation.replace(installation.find("GLIBC_2\\.\\d\\d"), "GLIBC_2.99");
        fails(
                jvm(),
                "needs glibc 2.99, which is newer than this system's; use a newer system, or build Nautile on this one");
    }

    @Test
    void withTheLibraryOfAnotherVersion() throws Exception {
        String version = NativeBackend.version();
        String other = "9" + version.substring(1);
        installation.replace(version, other);
        fails(
                jvm(),
                "is of version " + other + ", but Nautile's Java of version " + version + "; use jars of one version");
    }

    @Test
    void withTheLibraryOfAnotherPlatform() throws Exception {
        installation.platform(Installation.PLATFORM.equals("linux-arm64") ? "linux-x86_64" : "linux-arm64");
        fails(
                jvm(),
                "the class path holds the native library for linux-",
                " only; add the jar org.nautile:nautile-native:" + NativeBackend.version() + ":"
                        + Installation.PLATFORM);
    }

    @Test
    void withTruncatedLibrary() throws Exception {
        installation.truncate();
        fails(jvm(), "is damaged (" + installation.unpacked() + "); delete that file and start again");
    }

    @Test
    void withFlippedBitInTheUnpackedLibrary() throws Exception {
        works(jvm());
        Path file = installation.unpacked();
        FileTime time = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, time);
        fails(jvm(), "is damaged (" + file + "); delete that file and start again");
        Files.delete(file);
        works(jvm());
    }

    @Test
    void withCacheThatMayNotHoldPrograms() throws Exception {
        Path cache = Files.createDirectories(installation.cache());
        List<String> mount = List.of(
                "unshare",
                "--mount",
                "--map-root-user",
                "sh",
                "-c",
                "mount -t tmpfs -o noexec tmpfs '" + cache + "' && exec \"$@\"",
                "sh");
        Assumptions.assumeTrue(succeeds(mount, "true"), "SKIPPED: a noexec folder cannot be mounted here");
        fails(
                jvm().wrapper(mount),
                "lies in " + cache,
                "where programs may not run (mounted noexec)",
                "-Dorg.bytedeco.javacpp.cachedir=DIR");
        Path other = folder.resolve("other");
        works(jvm(other).wrapper(mount));
        assertTrue(Files.exists(other), "the other folder was used");
    }

    @Test
    void withoutAnyFolderToWriteTo() throws Exception {
        String nowhere = "/proc/nowhere"; // not even root can make it
        ChildJvm homeless = unspoiledCache().option("-Duser.home=" + nowhere);
        works(homeless.option("-Djava.io.tmpdir=" + folder)); // JavaCPP's second choice

        String[] sentence = {"cannot be unpacked (Could not create the cache)", "-Dorg.bytedeco.javacpp.cachedir=DIR"};
        fails(unspoiledCache().option("-Duser.home=" + nowhere).option("-Djava.io.tmpdir=" + nowhere), sentence);
        works(jvm().option("-Duser.home=" + nowhere).option("-Djava.io.tmpdir=" + nowhere));
    }

    @Test
    void withoutTheDriverOfNvidia() throws Exception {
        Assumptions.assumeTrue(hasCudaKernels(), "SKIPPED: this build has no CUDA kernels");
        Assumptions.assumeFalse(Files.exists(DRIVER), "SKIPPED: there is a driver");
        for (String device : List.of("cuda", "cudnn")) {
            failsPlainly(device, "", "there is no NVIDIA driver; install one that supports CUDA");
        }
    }

    /** With libraries of the driver's and the runtime's names that hold nothing, cuBLAS is what is missing first. */
    @Test
    void withoutCublas() throws Exception {
        Assumptions.assumeTrue(hasCudaKernels(), "SKIPPED: this build has no CUDA kernels");
        Assumptions.assumeFalse(
                succeeds(List.of("sh", "-c", "ldconfig -p | grep -q libcublas.so.13"), "sh"),
                "SKIPPED: cuBLAS is where every program finds it");
        for (String name : List.of("libcuda.so.1", "libcudart.so.13")) {
            Assumptions.assumeTrue(
                    succeeds(
                            List.of(
                                    "sh",
                                    "-c",
                                    "echo | c++ -shared -fPIC -x c++ - -Wl,-soname," + name + " -o "
                                            + folder.resolve(name)),
                            "sh"),
                    "SKIPPED: there is no C++ compiler");
        }
        failsPlainly(
                "cudnn",
                folder.toString(),
                "cuBLAS 13 cannot be loaded (libcublas.so.13: cannot open shared object file)",
                "LD_LIBRARY_PATH");
    }

    private static boolean hasCudaKernels() {
        return NtlPresets.class.getResource(Installation.PLATFORM + "/libnautile_cuda.so") != null;
    }

    /** This build as it is, on a device that lacks something of the system: one line, nothing else. */
    private static void failsPlainly(String device, String libraries, String... parts) throws Exception {
        ChildJvm.Outcome outcome = new ChildJvm(Main.class)
                .environment("LD_LIBRARY_PATH", libraries)
                .run("validate", "--device", device, "--op", "argmax");
        String output = outcome.output();
        assertEquals(1, outcome.code(), output);
        assertEquals(1, output.strip().lines().count(), output);
        assertTrue(output.startsWith("nautile: device " + device + ": "), output);
        for (String part : parts) {
            assertTrue(output.contains(part), () -> "'" + part + "' in: " + output);
        }
    }

    private static boolean succeeds(List<String> command, String argument) throws Exception {
        List<String> all = new java.util.ArrayList<>(command);
        all.add(argument);
        try {
            return new ProcessBuilder(all)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (java.io.IOException e) {
            return false; // no unshare
        }
    }

    private ChildJvm jvm() throws Exception {
        return jvm(installation.cache());
    }

    private ChildJvm jvm(Path cache) throws Exception {
        return unspoiledCache().option("-Dorg.bytedeco.javacpp.cachedir=" + cache);
    }

    private ChildJvm unspoiledCache() throws Exception {
        return new ChildJvm(ValidateAndExamine.class).classPath(installation.classPath());
    }

    private static void works(ChildJvm jvm) throws Exception {
        ChildJvm.Outcome outcome = jvm.run();
        assertEquals(0, outcome.code(), outcome::output);
    }

    private static void fails(ChildJvm jvm, String... parts) throws Exception {
        ChildJvm.Outcome outcome = jvm.run();
        String output = outcome.output();
        assertEquals(1, outcome.code(), output);
        assertFalse(output.contains("\tat "), output);
        List<String> said =
                output.lines().filter(line -> line.startsWith("nautile: ")).toList();
        assertEquals(1, said.size(), output);
        String sentence = said.get(0).substring("nautile: ".length());
        assertTrue(sentence.startsWith("device cpu: "), output);
        assertTrue(sentence.endsWith("; or use the device reference"), output);
        for (String part : parts) {
            assertTrue(sentence.contains(part), () -> "'" + part + "' in: " + output);
        }
        assertTrue(output.contains("jninautile: " + sentence), "the doctor says the same: " + output);
    }

    /** Validates an op on cpu; if that fails, asks the doctor. */
    static final class ValidateAndExamine {
        public static void main(String[] args) {
            int code = run("validate", "--device", "cpu", "--op", "argmax");
            if (code != 0) {
                run("doctor");
            }
            System.exit(code);
        }

        private static int run(String... args) {
            StringWriter text = new StringWriter();
            int code = Main.run(args, new PrintWriter(text), new PrintWriter(text));
            System.out.println(text);
            return code;
        }
    }
}
