package org.nautile.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file that a publisher offers.
 *
 * @param name its name, the last part of its address
 * @param bytes its size
 * @param sha256 the SHA-256 of its content, 64 lower-case hexadecimal digits
 */
public record RemoteFile(String name, long bytes, String sha256) {
    /**
     * Whether a folder holds this very file.
     *
     * @param folder a folder, which need not exist
     * @return true if a file of this name is there and has the size and the SHA-256
     * @throws IOException if it is there and cannot be read
     */
    public boolean isIn(Path folder) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file) || Files.size(file) != bytes) {
            return false;
        }
        MessageDigest digest = digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return hex(digest).equals(sha256);
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
