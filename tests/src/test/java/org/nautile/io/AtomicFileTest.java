package org.nautile.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole or not at all. */
class AtomicFileTest {
    @TempDir
    private Path folder = Path.of("");

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void writesAndReplaces() throws IOException {
        Path file = folder.resolve("file");
        for (String text : List.of("first", "second")) {
            AtomicFile.write(file, bytes(text));
            assertEquals(text, Files.readString(file));
            assertEquals(List.of(file), files());
        }
        Path usual = Files.createFile(folder.resolve("usual"));
        assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(file));
    }

    @Test
    void failureLeavesWhatWasThere() throws IOException {
        Path file = folder.resolve("file");
        AtomicFile.Writer failing = out -> {
            out.write(bytes("half"));
            assertEquals(Files.exists(file) ? 2 : 1, files().size(), "written beside the target");
            throw new IOException("no more");
        };
        assertThrows(IOException.class, () -> AtomicFile.write(file, failing));
        assertEquals(List.of(), files());
        Files.writeString(file, "old");
        assertThrows(IOException.class, () -> AtomicFile.write(file, failing));
        assertEquals(List.of(file), files());
        assertEquals("old", Files.readString(file));
        assertThrows(NoSuchFileException.class, () -> AtomicFile.write(folder.resolve("no/file"), bytes("")));
    }

    @Test
    void deviceIsWrittenToNotReplaced() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "SKIPPED: there is no /dev/full here");
        Path link = Files.createSymbolicLink(folder.resolve("link"), full);
        IOException e = assertThrows(IOException.class, () -> AtomicFile.write(link, bytes("text")));
        assertEquals("No space left on device", e.getMessage());
        assertEquals(full, Files.readSymbolicLink(link));
        Files.delete(link);
    }
}
