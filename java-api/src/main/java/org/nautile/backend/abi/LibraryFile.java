package org.nautile.backend.abi;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/** A library of Nautile as the dynamic linker wants it: a file. */
final class LibraryFile {
    private LibraryFile() {}

    /**
     * The file of a library: that of a source tree, or a copy of the one in a jar in JavaCPP's cache.
     *
     * @param library the resource
     * @return the file
     * @throws IOException if it cannot be unpacked
     */
    static Path of(URL library) throws IOException {
        try {
            return library.getProtocol().equals("file")
                    ? Path.of(library.toURI())
                    : Loader.cacheResource(library).toPath();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /**
     * Compares a library with the checksum that the build noted beside it: a damaged one could do anything, or end the process.
     *
     * @param name the library's name, for the sentence
     * @param library the resource
     * @return what is wrong and what to do; null if all is well, or no checksum was noted
     * @throws IOException if it cannot be unpacked or read
     */
    static @Nullable String damage(String name, URL library) throws IOException {
        String expected;
        try (InputStream in = new URL(library + ".crc32").openStream()) {
            expected = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (FileNotFoundException e) {
            return null; // of another version, which is refused by it
        }
        Path file = of(library);
        CRC32 checksum = new CRC32();
        checksum.update(Files.readAllBytes(file));
        boolean whole = expected.equals(Long.toHexString(checksum.getValue()));
        return whole ? null : LoadFailure.damaged(name, file.toString());
    }
}
