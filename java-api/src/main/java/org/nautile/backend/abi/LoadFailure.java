package org.nautile.backend.abi;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a native library could not be loaded and what to do about it, in one sentence, from what the dynamic linker, JavaCPP
 * and Java report.
 */
public final class LoadFailure {
    /** Where JavaCPP unpacks libraries, and how to choose another folder. */
    private static final String OTHER_CACHE =
            "choose a folder that can be written and may hold programs with the Java option "
                    + "-Dorg.bytedeco.javacpp.cachedir=DIR (for ./nautile in NAUTILE_JAVA_OPTS)";

    private static final Pattern C_LIBRARY = Pattern.compile("version `GLIBC_([0-9.]+)' not found");
    private static final Pattern CPP_LIBRARY = Pattern.compile("version `((?:GLIBCXX|CXXABI|GCC)_[0-9.]+)' not found");
    private static final Pattern MISSING = Pattern.compile(
            "(?:Error loading shared library )?([^\\s:'`]+): (?:cannot open shared object file: )?No such file or directory");
    private static final Pattern MISSING_LIBRARY = Pattern.compile("[^\\s:/]+: cannot open shared object file");
    private static final Pattern NO_EXECUTION =
            Pattern.compile("(\\S+)/[^/\\s]+: failed to map segment from shared object");
    private static final Pattern DAMAGED = Pattern.compile(
            "(\\S+): (?:invalid ELF header|file too short|ELF load command|object file has no|cannot read file data"
                    + "|ELF file's phentsize|only ET_DYN)");
    private static final Pattern OTHER_MACHINE =
            Pattern.compile("wrong ELF class|Possible cause|cannot open shared object file: Exec format error");
    private static final Pattern CACHE = Pattern.compile(
            "(Could not create the cache|Permission denied|Read-only file system|No space left on device|Disk quota exceeded)");
    private static final Pattern CLASS_LOADERS = Pattern.compile(
            "already loaded in another|InaccessibleObjectException|UnsatisfiedLinkError: '[^\n]*org\\.bytedeco\\.javacpp\\.");
    private static final Pattern OTHER_BUILD = Pattern.compile("version \\S+ of another build than the engine's \\S+");
    private static final Pattern NO_CLASS = Pattern.compile("NoClassDefFoundError: ([^\\s:]+)$", Pattern.MULTILINE);

    private LoadFailure() {}

    /**
     * Explains a failure.
     *
     * @param library the library's name, for example {@code "libjninautile.so"}
     * @param failure what was thrown; its causes are read too
     * @return reason and remedy, without a full stop
     */
    public static String sentence(String library, Throwable failure) {
        StringBuilder report = new StringBuilder();
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 8; depth++) {
            report.append(cause).append('\n');
            cause = cause.getCause();
        }
        return sentence(library, report.toString());
    }

    /**
     * The deepest reason of a failure, on one line.
     *
     * @param failure what was thrown
     * @return what its last cause says
     */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String text = cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException
                ? "no class " + String.valueOf(cause.getMessage()).replace('/', '.')
                : String.valueOf(cause.getMessage());
        Matcher missing = MISSING_LIBRARY.matcher(text);
        return missing.find()
                ? missing.group()
                : text.strip().lines().findFirst().orElse("no reason is known");
    }

    /**
     * Explains a failure.
     *
     * @param library the library's name, for example {@code "libnautile_cuda.so"}
     * @param report what was reported, for example {@code dlerror()}'s text
     * @return reason and remedy, without a full stop
     */
    public static String sentence(String library, String report) {
        Matcher found = C_LIBRARY.matcher(report);
        if (found.find()) {
            return library + " needs glibc " + found.group(1)
                    + ", which is newer than this system's; use a newer system, or " + "build Nautile on this one";
        }
        found = CPP_LIBRARY.matcher(report);
        if (found.find()) {
            return library + " needs a C++ library with " + found.group(1)
                    + ", which is newer than this system's; update " + "libstdc++, or build Nautile on this system";
        }
        found = NO_EXECUTION.matcher(report);
        if (found.find()) {
            return library + " lies in " + found.group(1) + ", where programs may not run (mounted noexec); "
                    + OTHER_CACHE;
        }
        found = DAMAGED.matcher(report);
        if (found.find()) {
            return damaged(library, found.group(1));
        }
        if (OTHER_MACHINE.matcher(report).find()) {
            return library + " was built for another kind of processor; use the jar for this one";
        }
        found = MISSING.matcher(report);
        if (found.find()) {
            return missing(library, found.group(1));
        }
        found = CACHE.matcher(report);
        if (found.find()) {
            return library + " cannot be unpacked (" + found.group(1) + "); " + OTHER_CACHE;
        }
        if (CLASS_LOADERS.matcher(report).find()) {
            return library
                    + " cannot be loaded by a class loader other than JavaCPP's; load JavaCPP and Nautile with the same "
                    + "class loader";
        }
        found = OTHER_BUILD.matcher(report);
        if (found.find()) {
            return library + " is " + found.group() + "; use jars of one build";
        }
        found = NO_CLASS.matcher(report);
        if (found.find()) {
            return "the class " + found.group(1).replace('/', '.')
                    + " is missing; put the jars that Nautile depends on " + "on the class path";
        }
        return library + " cannot be loaded ("
                + report.strip().lines().findFirst().orElse("no reason is known") + "); please report this line";
    }

    /**
     * What to say of a file that is not as it was built.
     *
     * @param library the library's name
     * @param file the file
     */
    static String damaged(String library, String file) {
        return library + " is damaged (" + file
                + "); delete that file and start again, or else get the jar or build anew";
    }

    private static String missing(String library, String needed) {
        String name = needed.substring(needed.lastIndexOf('/') + 1);
        String remedy;
        if (name.startsWith("libstdc++") || name.startsWith("libgcc_s")) {
            remedy = "install the C++ library (Debian: apt-get install libstdc++6)";
        } else if (name.startsWith("libcuda.")) {
            remedy = "install NVIDIA's driver";
        } else if (name.startsWith("libcu") || name.startsWith("libnv")) {
            remedy = "install CUDA and cuDNN, and name their folders in LD_LIBRARY_PATH";
        } else if (name.startsWith("ld-linux") || name.startsWith("libc.")) {
            remedy = "use a system with glibc";
        } else {
            remedy = "install it";
        }
        return library + " needs " + name + ", which is missing here; " + remedy;
    }
}
