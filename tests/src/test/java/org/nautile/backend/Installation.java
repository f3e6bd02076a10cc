package org.nautile.backend;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.Loader;
import org.nautile.Devices;
import org.nautile.jni.NtlPresets;

/** A copy of this build with its libraries in jars, as users have it, for tests to spoil. */
final class Installation {
    static final String PLATFORM = Loader.getPlatform();
    static final String LIBRARY = System.mapLibraryName("jninautile");
    private static final String PACKAGE = "org/nautile/jni/";

    private final Path folder;
    private String platform = PLATFORM;
    private byte[] library;
    private long checksum;

    Installation(Path folder) throws IOException {
        Devices.cpu(); // skips the test if there is no native library
        this.folder = folder;
        URL built = Objects.requireNonNull(NtlPresets.class.getResource(PLATFORM + "/" + LIBRARY));
        try (InputStream in = built.openStream()) {
            library = in.readAllBytes();
        }
        checksum = checksum(library);
    }

    Path cache() {
        return folder.resolve("cache");
    }

    /** Where JavaCPP unpacks the library. */
    Path unpacked() {
        return cache().resolve("natives.jar/" + PACKAGE + platform).resolve(LIBRARY);
    }

    void platform(String name) {
        platform = name;
    }

    /** Cuts off the second half of the library, whose checksum stays. */
    void truncate() {
        library = java.util.Arrays.copyOf(library, library.length / 2);
    }

    /**
     * Replaces text in the library, whose checksum follows: what is done to the library here counts as its build. A name of a
     * version in the dynamic linker's tables comes with its hash there.
     */
    void replace(String text, String by) {
        if (text.length() != by.length()) {
            throw new IllegalArgumentException(text + ", " + by);
        }
        int replaced = replace(bytes(text), bytes(by));
        if (replaced == 0) {
            throw new IllegalArgumentException("no '" + text + "' in " + LIBRARY);
        }
        replace(hash(text), hash(by));
        checksum = checksum(library);
    }

    /** The first text in the library that a pattern matches. */
    String find(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(new String(library, StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new IllegalArgumentException("no " + pattern + " in " + LIBRARY);
        }
        return matcher.group();
    }

    private int replace(byte[] from, byte[] to) {
        int count = 0;
        for (int i = 0; i + from.length <= library.length; i++) {
            if (java.util.Arrays.equals(library, i, i + from.length, from, 0, from.length)) {
                System.arraycopy(to, 0, library, i, to.length);
                count++;
            }
        }
        return count;
    }

    /** The text as C has it, so that it is not the beginning of another. */
    private static byte[] bytes(String text) {
        return (text + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    /** ELF's hash of a name, in the order of bytes of our platforms. */
    private static byte[] hash(String name) {
        long h = 0;
        for (byte c : name.getBytes(StandardCharsets.US_ASCII)) {
            h = (h << 4) + c;
            long high = h & 0xf0000000L;
            h = (h ^ (high >> 24)) & ~high & 0xffffffffL;
        }
        return new byte[] {(byte) h, (byte) (h >> 8), (byte) (h >> 16), (byte) (h >> 24)};
    }

    static long checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    /** The class path with the library in {@code natives.jar} and nowhere else. */
    String classPath() throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            if (Files.exists(path.resolve(PACKAGE + "NtlPresets.class"))) {
                entries.add(binding(path).toString());
            } else if (!path.getFileName().toString().endsWith("-" + PLATFORM + ".jar")
                    || !path.getFileName().toString().startsWith("nautile-native")) {
                entries.add(entry);
            }
        }
        Path natives = folder.resolve("natives.jar");
        try (JarOutputStream jar = jar(natives)) {
            put(jar, PACKAGE + platform + "/" + LIBRARY, library);
            put(
                    jar,
                    PACKAGE + platform + "/" + LIBRARY + ".crc32",
                    (Long.toHexString(checksum) + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        entries.add(natives.toString());
        return String.join(java.io.File.pathSeparator, entries);
    }

    /** The classes of a source tree's folder as a jar, without the library. */
    private Path binding(Path classes) throws IOException {
        Path file = folder.resolve("binding.jar");
        try (JarOutputStream jar = jar(file);
                Stream<Path> walk = Files.walk(classes)) {
            for (Path path : (Iterable<Path>) walk.sorted()::iterator) {
                String name = classes.relativize(path).toString();
                if (Files.isRegularFile(path) && !name.contains("/" + PLATFORM + "/")) {
                    put(jar, name, Files.readAllBytes(path));
                }
            }
        }
        return file;
    }

    private static JarOutputStream jar(Path file) throws IOException {
        OutputStream out = Files.newOutputStream(file);
        return new JarOutputStream(out);
    }

    private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        JarEntry entry = new JarEntry(name);
        entry.setTime(1_000_000_000_000L); // the same each time, or JavaCPP would unpack it again
        jar.putNextEntry(entry);
        jar.write(bytes);
        jar.closeEntry();
    }
}
