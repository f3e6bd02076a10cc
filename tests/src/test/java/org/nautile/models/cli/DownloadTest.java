package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.data.DataSource;
import org.nautile.data.Mnist;
import org.nautile.data.RealData;
import org.nautile.io.RemoteFile;
import picocli.CommandLine;

/** {@code nautile download}, from a server on this machine that behaves in every way a server can. */
class DownloadTest {
    private static final Map<String, byte[]> FILES = Map.of("big", random(300_000), "tiny", random(1));

    @TempDir
    private Path folder = Path.of("");

    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server = newServer();

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static HttpServer newServer() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void startServer() {
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stopServer() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    /** The first part of the path says how to behave, the last is the name of the file. */
    private void answer(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().substring(1).split("/", 2);
        requests.add(path[1]);
        byte[] content = FILES.getOrDefault(path[1], new byte[0]);
        try (exchange) {
            switch (path[0]) {
                case "good" -> send(exchange, content.length, content);
                case "moved" -> {
                    exchange.getResponseHeaders().add("Location", "/good/" + path[1]);
                    exchange.sendResponseHeaders(302, -1);
                }
                case "wrong" -> send(exchange, content.length, new byte[content.length]);
                case "short" -> send(exchange, 0, Arrays.copyOf(content, content.length - 1)); // 0: length not told
                case "broken" -> send(exchange, content.length, Arrays.copyOf(content, content.length / 2));
                case "endless" -> {
                    exchange.sendResponseHeaders(200, 0);
                    while (over.getCount() > 0) {
                        exchange.getResponseBody().write(content); // fails once the client has gone
                    }
                }
                case "stalls" -> {
                    exchange.sendResponseHeaders(200, content.length);
                    exchange.getResponseBody().write(content, 0, content.length / 2);
                    exchange.getResponseBody().flush();
                    over.await();
                }
                case "silent" -> over.await();
                default -> exchange.sendResponseHeaders(Integer.parseInt(path[0]), -1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, long length, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(content);
        }
    }

    private String url(String behaviour) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + behaviour;
    }

    /** Two small files, offered by the server. */
    private DataSource small(String... behaviours) {
        List<RemoteFile> files = new ArrayList<>();
        for (String name : List.of("big", "tiny")) {
            byte[] content = FILES.getOrDefault(name, new byte[0]);
            files.add(new RemoteFile(name, content.length, sha256(content)));
        }
        return new DataSource(
                "small",
                Stream.of(behaviours).map(b -> URI.create(url(b) + "/")).toList(),
                files);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private Outcome download(DataSource source, String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new DownloadCommand(List.of(source)))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        line.setExecutionExceptionHandler((e, command, result) -> {
            err.write("nautile: " + Failures.line(e));
            return 1;
        });
        List<String> args = new ArrayList<>(List.of(source.name(), "--out", folder.toString()));
        args.addAll(List.of(options));
        if (!args.contains("--timeout")) {
            args.addAll(List.of("--timeout", "1"));
        }
        int code = line.execute(args.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private void checkComplete(Outcome outcome) throws IOException {
        assertEquals(0, outcome.code(), outcome::toString);
        assertEquals("", outcome.err());
        assertEquals(List.of("big", "tiny"), names());
        for (String name : names()) {
            assertArrayEquals(FILES.get(name), Files.readAllBytes(folder.resolve(name)), name);
        }
    }

    @Test
    void fetchesWhatIsMissingOrDiffers() throws IOException {
        DataSource source = small("good");
        Outcome first = download(source);
        checkComplete(first);
        assertEquals(
                List.of(
                        "big: 300 000 bytes from " + url("good/big"),
                        "tiny: 1 bytes from " + url("good/tiny"),
                        "small is in " + folder + "; --data " + folder + " finds it there"),
                first.outLines());
        requests.clear();

        Outcome again = download(source);
        checkComplete(again);
        assertTrue(again.out().contains("big: already there, with the right SHA-256"), again.out());
        assertEquals(List.of(), List.copyOf(requests));

        Files.write(folder.resolve("tiny"), new byte[1]);
        checkComplete(download(source));
        assertEquals(List.of("tiny"), List.copyOf(requests));

        Files.write(folder.resolve("big"), new byte[2]);
        checkComplete(download(source, "--force"));
        assertEquals(List.of("tiny", "big", "tiny"), List.copyOf(requests));
    }

    @Test
    void triesOnePlaceAfterTheOther() throws IOException {
        Outcome outcome = download(small("404", "wrong", "moved"));
        checkComplete(outcome);
        assertTrue(outcome.out().contains("big: 300 000 bytes from " + url("moved/big")), outcome.out());

        Outcome named = download(small("404"), "--force", "--url", url("500"), "--url", url("good"));
        checkComplete(named);
        assertTrue(named.out().contains("from " + url("good/big")), named.out());

        Outcome local =
                download(small("404"), "--force", "--url", folder.toUri().toString());
        checkComplete(local);
        String none = folder.resolve("none").toUri().toString();
        assertTrue(download(small("404"), "--force", "--url", none).error(1).endsWith("none/big: no such file"), none);

        String error = download(small("404", "wrong"), "--force").error(1);
        assertTrue(error.startsWith("nautile: cannot fetch " + url("404/big") + ": HTTP status 404; "), error);
        assertTrue(error.contains(url("wrong/big") + ": SHA-256 "), error);
    }

    @ParameterizedTest
    @CsvSource({
        "404, HTTP status 404",
        "503, HTTP status 503",
        "wrong, SHA-256 ",
        "short, '299999 bytes found, 300000 expected'",
        "broken, ''", // the words are the JDK's
        "endless, more than the 300000 bytes expected",
        "stalls, no answer within 1 s",
        "silent, no answer within 1 s"
    })
    void failureIsOneLineAndLeavesTheOldFile(String behaviour, String expected) throws IOException {
        Files.writeString(folder.resolve("big"), "old");
        String error = download(small(behaviour)).error(1);
        assertTrue(error.startsWith("nautile: cannot fetch " + url(behaviour) + "/big: " + expected), error);
        assertEquals(List.of("big"), names());
        assertEquals("old", Files.readString(folder.resolve("big")));
        assertEquals(List.of("big"), List.copyOf(requests), "the first failure is the last request");
    }

    @Test
    void noServerAndNoNetwork() throws IOException {
        server.stop(0);
        String refused = download(small("good")).error(1);
        assertTrue(refused.endsWith("/good/big: no connection"), refused);
        String unknown = download(small(), "--url", "https://host.invalid/x").error(1);
        assertTrue(unknown.endsWith("https://host.invalid/x/big: unknown host (is there a network?)"), unknown);
        assertEquals(List.of(), names());
    }

    @Test
    void goesThroughTheProxyOfTheVirtualMachine() throws IOException {
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(server.getAddress()));
        try {
            checkComplete(download(small(), "--url", "http://host.invalid/good"));
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void fullDiskAndUnusableFolder() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "SKIPPED: there is no /dev/full here");
        Path big = Files.createSymbolicLink(folder.resolve("big"), full);
        String error = download(small("good", "good")).error(1);
        assertEquals("nautile: cannot write " + big + ": No space left on device", error);
        assertEquals(List.of("big"), List.copyOf(requests), "another mirror would not help");
        Files.delete(big);
        Path file = Files.createFile(folder.resolve("file"));
        String unusable =
                Outcome.of("download", "mnist", "--out", file.toString()).error(1);
        assertEquals("nautile: cannot write " + file + ": a file of this name is in the way", unusable);
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "stalls"})
    void interruptLeavesNothing(String behaviour) throws Exception {
        CompletableFuture<Thread> worker = new CompletableFuture<>();
        Future<Outcome> outcome = threads.submit(() -> {
            worker.complete(Thread.currentThread());
            return download(small(behaviour), "--timeout", "60");
        });
        assertEquals("big", requests.poll(10, TimeUnit.SECONDS));
        Thread.sleep(50); // so that most often it is the body that is waited for
        worker.join().interrupt();
        assertEquals(130, outcome.get(10, TimeUnit.SECONDS).code());
        Thread.currentThread().interrupt(); // between two waits
        assertEquals(130, download(small("good")).code());
        assertEquals(List.of(), names());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--timeout 0", "--url ftp://host/x", "--url host/x", "--url file:x", "--url :"})
    void wrongUsage(String options) {
        String error = Outcome.of(("download mnist " + options).split(" ")).error(2);
        assertTrue(error.contains(options.split(" ", 2)[0]), error);
    }

    @Test
    void realDataFromAFolder() throws IOException {
        assertFalse(Mnist.isIn(folder));
        String from = RealData.mnist().toUri().toString();
        Outcome outcome = Outcome.of("download", "mnist", "--url", from, "--out", folder.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(Mnist.isIn(folder));
    }
}
