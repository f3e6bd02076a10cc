package org.nautile.models.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that remembers its first failure, which print streams keep to themselves, and is silent from then on: a
 * reader that has seen enough ({@code nautile models | head -1}) is no reason to complain.
 */
final class StandardOutput extends FilterOutputStream {
    private @Nullable IOException failure;

    StandardOutput() {
        super(new FileOutputStream(FileDescriptor.out));
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        if (failure == null) {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    /** Why something was not printed, where the user should know; null if all was, or the reader went away. */
    synchronized @Nullable String problem() {
        String message = failure == null ? null : failure.getMessage();
        return message == null || message.contains("Broken pipe") ? null : message;
    }
}
