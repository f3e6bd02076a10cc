package org.nautile.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** A jar whose entries are not compressed and all have one date. Where nothing is put into it, there is no file. */
final class PlainJar implements AutoCloseable {
    private static final LocalDateTime DATE = LocalDateTime.of(2000, 1, 1, 12, 0); // zip knows no time zones

    private final Path file;
    private @Nullable ZipOutputStream zip;

    PlainJar(Path file) {
        this.file = file;
    }

    /** Takes the name of an entry and its bytes. */
    interface Visitor {
        void visit(String name, byte[] bytes) throws IOException;
    }

    /** Visits the files of a folder, sorted, or the entries of a jar in their order. */
    static void forEach(Path folderOrJar, Visitor visitor) throws IOException {
        if (Files.isDirectory(folderOrJar)) {
            try (Stream<Path> walk = Files.walk(folderOrJar)) {
                for (Path path : walk.filter(Files::isRegularFile).sorted().toList()) {
                    visitor.visit(folderOrJar.relativize(path).toString(), Files.readAllBytes(path));
                }
            }
            return;
        }
        try (JarFile jar = new JarFile(folderOrJar.toFile())) {
            List<JarEntry> entries = jar.stream().toList();
            for (JarEntry entry : entries) {
                if (!entry.isDirectory()) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        visitor.visit(entry.getName(), in.readAllBytes());
                    }
                }
            }
        }
    }

    void put(String name, byte[] bytes) throws IOException {
        if (zip == null) {
            zip = new ZipOutputStream(Files.newOutputStream(file));
            zip.setMethod(ZipOutputStream.STORED);
        }
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(DATE);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    @Override
    public void close() throws IOException {
        if (zip != null) {
            zip.close();
        }
    }
}
