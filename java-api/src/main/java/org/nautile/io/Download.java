package org.nautile.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Fetches published files over HTTP, or from a folder (a {@code file:} address). A file appears under its name only when it is
 * complete and its SHA-256 is right. Proxies are those of {@link java.net.ProxySelector#getDefault}.
 */
public final class Download {
    private static final int STEP = 1 << 16;
    private static final int OK = 200;

    private final Duration patience;
    private final HttpClient client;

    /**
     * A downloader.
     *
     * @param patience how long to wait for a connection, for an answer, and for each further piece of it
     */
    public Download(Duration patience) {
        this.patience = patience;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // one file after the other gains nothing from HTTP/2
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(patience)
                .build();
    }

    /**
     * Fetches a file from the first place that has it. Interrupting the thread ends this early; its flag stays set.
     *
     * @param bases the addresses of the folders it may lie in, tried in order
     * @param file the file
     * @param folder where it goes, an existing folder; a file of the same name is replaced
     * @param progress is told after each piece how many bytes have been received; starts again from 0 with the next place
     * @return where it came from
     * @throws DownloadException if no place has it, for each the reason
     * @throws IOException if it cannot be written, or the thread is interrupted; the folder is as it was before
     */
    public URI fetch(List<URI> bases, RemoteFile file, Path folder, LongConsumer progress) throws IOException {
        List<String> problems = new ArrayList<>();
        for (URI base : bases) {
            URI source = URI.create(base + (base.toString().endsWith("/") ? "" : "/") + file.name());
            try {
                AtomicFile.write(folder.resolve(file.name()), out -> transfer(source, file, out, progress));
                return source;
            } catch (DownloadException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("interrupted");
                }
                problems.add(e.getMessage());
            }
        }
        throw new DownloadException(String.join("; ", problems));
    }

    private void transfer(URI source, RemoteFile file, OutputStream out, LongConsumer progress) throws IOException {
        MessageDigest digest = RemoteFile.digest();
        byte[] piece = new byte[STEP];
        long received = 0;
        try (InputStream in = open(source)) {
            for (int count = read(source, in, piece); count >= 0; count = read(source, in, piece)) {
                received += count;
                if (received > file.bytes()) { // not to be filled with whatever a server sends
                    throw new DownloadException(source + ": more than the " + file.bytes() + " bytes expected");
                }
                digest.update(piece, 0, count);
                out.write(piece, 0, count); // outside the reach of read's catch: a full disk is not the server's fault
                progress.accept(received);
            }
        }
        if (received < file.bytes()) {
            throw new DownloadException(source + ": " + received + " bytes found, " + file.bytes() + " expected");
        }
        String sha256 = RemoteFile.hex(digest);
        if (!sha256.equals(file.sha256())) {
            throw new DownloadException(source + ": SHA-256 " + sha256 + " found, " + file.sha256() + " expected");
        }
    }

    private InputStream open(URI source) throws IOException {
        try {
            if ("file".equals(source.getScheme())) {
                return Files.newInputStream(Path.of(source));
            }
            HttpRequest request =
                    HttpRequest.newBuilder(source).timeout(patience).build();
            HttpResponse<PatientBody> response = client.send(request, head -> new PatientBody(patience));
            if (response.statusCode() != OK) {
                response.body().close();
                throw new DownloadException(source + ": HTTP status " + response.statusCode());
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (DownloadException e) {
            throw e;
        } catch (IOException e) {
            throw new DownloadException(source + ": " + reason(e), e);
        }
    }

    private int read(URI source, InputStream in, byte[] into) throws IOException {
        try {
            return in.read(into);
        } catch (IOException e) {
            throw new DownloadException(source + ": " + reason(e), e);
        }
    }

    /** The JDK's exceptions of a failed connection have no message. */
    private String reason(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return "unknown host (is there a network?)";
            }
        }
        if (e instanceof HttpTimeoutException) {
            return "no answer within " + patience.toSeconds() + " s";
        } else if (e instanceof ConnectException) {
            return "no connection";
        } else if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
