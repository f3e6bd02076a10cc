package org.nautile.backend.abi;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.List;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.nautile.DeviceException;
import org.nautile.MatmulPrecision;
import org.nautile.Threads;
import org.nautile.jni.Ntl;
import org.nautile.jni.NtlPresets;

/** Loads libjninautile once in the process, or says why it cannot be: whole, of this version, for this platform. */
final class NativeLibrary {
    private static final String LIBRARY = "jninautile";
    private static final List<String> PLATFORMS =
            List.of("linux-x86_64", "linux-arm64", "macosx-x86_64", "macosx-arm64");

    private static boolean tried;
    private static @Nullable String obstacle; // kept: the JVM gives the reason once, later only "could not initialize"

    private NativeLibrary() {}

    /**
     * Makes {@link Ntl} ready for use.
     *
     * @param device whose need it is, for the message
     * @throws DeviceException if the library cannot be used: reason and remedy in one sentence
     */
    static synchronized void load(String device) {
        Throwable cause = null;
        if (!tried) {
            tried = true;
            try {
                obstacle = lookAtFile();
                obstacle = obstacle != null ? obstacle : lookAtVersion();
                if (obstacle == null) {
                    Ntl.ntl_set_threads(Threads.count());
                    Threads.onChange(count -> NativeBackend.check(Ntl.ntl_set_threads(count)));
                    setPrecision(MatmulPrecision.current());
                    MatmulPrecision.onChange(NativeLibrary::setPrecision);
                }
            } catch (IOException | LinkageError | RuntimeException e) { // JavaCPP lets reflection's exceptions through
                obstacle = LoadFailure.sentence(fileName(), e);
                cause = e;
            }
        }
        if (obstacle != null) {
            DeviceException failure =
                    new DeviceException("device " + device + ": " + obstacle + "; or use the device reference");
            if (cause != null) {
                failure.initCause(cause);
            }
            throw failure;
        }
    }

    private static void setPrecision(MatmulPrecision precision) {
        NativeBackend.check(Ntl.ntl_matmul_precision(precision.ordinal()));
    }

    private static String fileName() {
        return System.mapLibraryName(LIBRARY);
    }

    /** Looks for the library where JavaCPP will, and has it unpacked, so that it is known before it is loaded. */
    private static @Nullable String lookAtFile() throws IOException {
        String platform = Loader.getPlatform();
        URL library = NtlPresets.class.getResource(platform + "/" + fileName());
        if (library != null) {
            return LibraryFile.damage(fileName(), library);
        }
        URL binding = NtlPresets.class.getResource("NtlPresets.class");
        if (binding != null && binding.getProtocol().equals("file")) { // the source tree
            return "there is no native library; install a C++ compiler (Debian: apt-get install g++) and build again";
        }
        List<String> others = PLATFORMS.stream()
                .filter(other -> NtlPresets.class.getResource(
                                other + "/lib" + LIBRARY + (other.startsWith("linux") ? ".so" : ".dylib"))
                        != null)
                .toList();
        return "the class path holds "
                + (others.isEmpty()
                        ? "no native library"
                        : "the native library for " + String.join(", ", others) + " only")
                + "; add the jar org.nautile:nautile-native:" + version() + ":" + platform;
    }

    private static @Nullable String lookAtVersion() throws IOException {
        String library;
        try {
            library = Ntl.ntl_version().getString();
        } catch (UnsatisfiedLinkError e) {
            // JavaCPP took it for loaded, but not for this class
            if (String.valueOf(e.getMessage()).contains("ntl_version")) {
                return LoadFailure.sentence(fileName(), "already loaded in another class loader");
            }
            throw e;
        }
        String java = version();
        return library.equals(java)
                ? null
                : fileName() + " is of version " + library + ", but Nautile's Java of version " + java
                        + "; use jars of one version";
    }

    /** The version of this module, for example {@code "0.1.0"}. */
    private static String version() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = NativeLibrary.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IOException("version.properties is missing in nautile-java-api");
            }
            properties.load(in);
        }
        return properties.getProperty("version", "");
    }
}
