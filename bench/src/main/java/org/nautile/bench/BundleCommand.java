package org.nautile.bench;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.nautile.models.cli.CommandException;
import org.nautile.models.cli.Main;
import org.nautile.models.cli.Subcommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Packs Nautile and a Java run time into one archive that runs on a Linux machine which has neither.
 *
 * <p>The run time is jlink's. Nothing inside is compressed on its own: xz over the whole is smaller. Our native libraries are
 * files, not entries of jars, so that nothing is unpacked at run time; of the presets' jars only what Nautile uses is taken.
 */
@Command(
        name = "bundle",
        header = "Pack Nautile and a Java run time into an archive for machines without a JDK.",
        description = {
            "The archive runs on Linux with the processor and at least the C library of this machine. It holds every device "
                    + "that this build has. Works from the source tree.",
        })
public final class BundleCommand implements Subcommand {
    private static final long MOST_BYTES = 60_000_000;

    private static final Instant DATE = Instant.parse("2000-01-01T12:00:00Z"); // of all files

    /** What the class path uses; java.desktop draws the pictures, jdk.crypto.ec is for HTTPS, jdk.httpserver for train --live. */
    private static final String MODULES =
            "java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,"
                    + "java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.unsupported";

    /** Of the libraries in the presets' jars, those that the devices openblas and cudnn load. */
    private static final Pattern USED =
            Pattern.compile("lib(jninautile|nautile_.*|jniopenblas_nolapack|openblas|gfortran|quadmath|gcc_s"
                    + "|jnicudart|jnicublas|jnicudnn)\\.so.*");

    private static final Pattern NATIVE = Pattern.compile(".*\\.(so|so\\..*|dylib|jnilib|dll|a|lib|exe)");

    /** Parts of the run time, without those for screens and sound, that use libraries of the system. */
    private static final List<String> SYSTEM_USERS = List.of(
            "runtime/lib/server/libjvm.so",
            "runtime/lib/libzip.so",
            "runtime/lib/libfontmanager.so",
            "runtime/lib/liblcms.so",
            "runtime/lib/libjavajpeg.so");

    /** Parts of glibc, which no program may bring along. */
    private static final Pattern GLIBC =
            Pattern.compile("(ld-linux|linux-vdso|lib(c|m|dl|pthread|rt|resolv|util)\\.so).*");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The archive. Default: target/nautile-VERSION-PLATFORM.tar.xz")
    private @Nullable Path file;

    private final String platform = Loader.getPlatform();

    /** For {@link java.util.ServiceLoader}. */
    public BundleCommand() {}

    @Override
    public Integer call() throws Exception {
        long start = System.nanoTime();
        PrintWriter out = spec.commandLine().getOut();
        if (!platform.startsWith("linux-")) {
            throw new CommandException("bundles are for Linux; this is " + platform);
        }
        String home = System.getProperty("nautile.home");
        if (home == null) {
            throw new CommandException("a bundle is made from the source tree: run its ./nautile bundle");
        }
        Path root = Path.of(home);
        String name = "nautile-" + Main.projectVersion() + "-" + platform;
        Path archive =
                file != null ? file.toAbsolutePath() : root.resolve("target").resolve(name + ".tar.xz");
        Path work = Files.createTempDirectory("nautile-bundle");
        try {
            Path bundle = Files.createDirectory(work.resolve(name));
            link(bundle.resolve("runtime"));
            libraries(bundle.resolve("lib"));
            systemLibraries(bundle);
            texts(root, bundle);
            out.println(contents(bundle));
            pack(work, name, archive);
        } finally {
            delete(work);
        }
        long bytes = Files.size(archive);
        out.printf(
                Locale.ROOT,
                "%s: %s, made in %d s%n",
                archive,
                megabytes(bytes),
                (System.nanoTime() - start) / 1_000_000_000);
        if (bytes > MOST_BYTES) {
            throw new CommandException("the archive is larger than " + megabytes(MOST_BYTES));
        }
        return 0;
    }

    private static void link(Path runtime) throws IOException, InterruptedException {
        ToolProvider jlink = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new CommandException(
                        "jlink is missing: run with a JDK (Debian: apt-get install openjdk-17-jdk-headless)"));
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(messages, true, StandardCharsets.UTF_8);
        int code = jlink.run(
                print,
                print,
                "--add-modules",
                MODULES,
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                runtime.toString());
        if (code != 0) {
            throw new CommandException("jlink of " + System.getProperty("java.home") + " failed: "
                    + messages.toString(StandardCharsets.UTF_8).strip());
        }
        // Class data sharing, for a faster start. Java compares the date, which unpacking will set.
        Files.setLastModifiedTime(runtime.resolve("lib/modules"), FileTime.from(DATE));
        run(List.of(runtime.resolve("bin/java").toString(), "-Xshare:dump"));
    }

    /** The class path as jars, and its native libraries as files. */
    private void libraries(Path lib) throws IOException {
        Path natives = Files.createDirectories(lib.resolve("native"));
        Set<String> entries = new LinkedHashSet<>(
                List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
        for (String entry : entries) {
            Path path = Path.of(entry);
            boolean folder = Files.isDirectory(path);
            if (!folder && !Files.exists(path)) {
                continue;
            }
            try (PlainJar jar = new PlainJar(lib.resolve(
                    folder ? moduleName(path) + ".jar" : path.getFileName().toString()))) {
                PlainJar.forEach(path, (name, bytes) -> take(name, bytes, jar, natives));
            }
        }
    }

    /** The name of a module whose classes are in {@code MODULE/target/classes}. */
    private static String moduleName(Path classes) {
        Path module = classes.resolve("../..").normalize();
        return "nautile-" + module.getFileName();
    }

    private void take(String name, byte[] bytes, PlainJar jar, Path natives) throws IOException {
        String fileName = name.substring(name.lastIndexOf('/') + 1);
        if (name.contains('/' + platform + '/')) {
            if (!name.endsWith('/' + platform + '/' + fileName)
                    || !USED.matcher(fileName).matches()) {
                return; // headers, and what no device of ours loads
            } else if (!name.startsWith("org/nautile/")) {
                jar.put(name, bytes); // JavaCPP gives some of the presets' libraries other names as it unpacks them
                return;
            }
            Path target = natives.resolve(name);
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.write(target, bytes);
        } else if (!NATIVE.matcher(fileName).matches()
                || name.contains("/Linux/" + platform.substring("linux-".length()) + '/')) {
            jar.put(name, bytes); // JLine's own library among them, for this platform only
        }
    }

    /** What Java and the engine need of the system besides glibc. */
    private static void systemLibraries(Path bundle) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(bundle.resolve("lib/system"));
        List<String> command = new ArrayList<>(List.of("ldd"));
        for (String library : SYSTEM_USERS) {
            command.add(bundle.resolve(library).toString());
        }
        try (Stream<Path> natives = Files.walk(bundle.resolve("lib/native"))) {
            natives.filter(path -> path.getFileName().toString().equals("libjninautile.so"))
                    .forEach(path -> command.add(path.toString()));
        }
        Matcher needed = Pattern.compile("(?m)^\\s+(\\S+) => (/\\S+)").matcher(run(command));
        while (needed.find()) {
            Path library = Path.of(needed.group(2));
            if (!GLIBC.matcher(needed.group(1)).matches() && !library.startsWith(bundle)) {
                Files.copy(library, folder.resolve(needed.group(1)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private void texts(Path root, Path bundle) throws IOException {
        Map<String, String> values = Map.of(
                "VERSION", Main.projectVersion(),
                "PLATFORM", platform,
                "JAVA", System.getProperty("java.version"),
                "GLIBC", glibc(bundle),
                "LOADER",
                        platform.equals("linux-x86_64") ? "/lib64/ld-linux-x86-64.so.2" : "/lib/ld-linux-aarch64.so.1",
                "LIBRARIES", String.join(" ", names(bundle.resolve("lib/system"))));
        for (String name : List.of("nautile", "README.md")) {
            try (InputStream in = BundleCommand.class.getResourceAsStream("bundle/" + name)) {
                if (in == null) {
                    throw new IOException("no resource bundle/" + name);
                }
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                for (Map.Entry<String, String> value : values.entrySet()) {
                    text = text.replace('@' + value.getKey() + '@', value.getValue());
                }
                Files.writeString(bundle.resolve(name), text);
            }
        }
        if (!bundle.resolve("nautile").toFile().setExecutable(true)) {
            throw new IOException("cannot make " + bundle.resolve("nautile") + " executable");
        }
        for (String name : List.of("LICENSE", "NOTICE")) {
            Files.copy(root.resolve(name), bundle.resolve(name));
        }
    }

    /** The oldest glibc on which everything in the bundle runs. */
    private static String glibc(Path bundle) throws IOException {
        int newest = 17;
        Pattern version = Pattern.compile("GLIBC_2\\.(\\d+)\0");
        for (Path library : files(bundle)) {
            String name = library.getFileName().toString();
            if (name.contains(".so") || bundle.relativize(library).startsWith("runtime/bin")) {
                Matcher found = version.matcher(Files.readString(library, StandardCharsets.ISO_8859_1));
                while (found.find()) {
                    newest = Math.max(newest, Integer.parseInt(found.group(1)));
                }
            }
        }
        return "2." + newest;
    }

    private static void pack(Path work, String name, Path archive) throws IOException, InterruptedException {
        Files.createDirectories(Objects.requireNonNull(archive.getParent()));
        Path unfinished = archive.resolveSibling(archive.getFileName() + ".part");
        try {
            run(List.of(
                    "tar",
                    "--directory=" + work,
                    "--sort=name",
                    "--mtime=" + DATE,
                    "--owner=0",
                    "--group=0",
                    "--numeric-owner",
                    "--use-compress-program=xz -4 -T2", // -6: 5 % smaller in twice the time; one thread: other bytes
                    "--create",
                    "--file=" + unfinished,
                    name));
            Files.move(unfinished, archive, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    /** Runs a program of the system. What it printed. */
    private static String run(List<String> command) throws IOException, InterruptedException {
        String program = command.get(0);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
        } catch (IOException e) {
            throw new CommandException(program + " cannot be run (Debian: apt-get install tar xz-utils libc-bin)", e);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new CommandException(program + " failed: " + output.strip());
        }
        return output;
    }

    /** The parts and their sizes, largest first. */
    private static String contents(Path bundle) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        long total = 0;
        for (Path path : files(bundle)) {
            Path part = bundle.relativize(path);
            int depth = part.startsWith("lib/native") ? part.getNameCount() : part.startsWith("lib") ? 2 : 1;
            sizes.merge(part.subpath(0, Math.min(depth, part.getNameCount())).toString(), Files.size(path), Long::sum);
            total += Files.size(path);
        }
        StringBuilder text = new StringBuilder();
        sizes.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(part -> text.append(String.format("%9s  %s%n", megabytes(part.getValue()), part.getKey())));
        return text.append(String.format("%9s  unpacked", megabytes(total))).toString();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static List<String> names(Path folder) throws IOException {
        return files(folder).stream().map(path -> path.getFileName().toString()).toList();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
