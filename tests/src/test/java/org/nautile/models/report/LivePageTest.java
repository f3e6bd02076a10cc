package org.nautile.models.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets what from a live page; by sockets, for a client that behaves could not ask for what is refused. */
class LivePageTest {
    private static final LivePage.Panel LOSS = new LivePage.Panel("Loss", "epochs", "loss", List.of("train", "test"));

    private LivePage page;
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        page = new LivePage(0, "T <i>");
    }

    @AfterEach
    void close() throws IOException {
        page.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private Socket ask(String request) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), page.address().getPort());
        sockets.add(socket);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static BufferedReader lines(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private Socket listen() throws IOException {
        return ask("GET /events HTTP/1.0\nHost: localhost\n\n"); // 1.1 would have chunks
    }

    /** The data of the next event of a name. */
    private static JsonNode next(BufferedReader in, String name) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("event: " + name)) {
                return new ObjectMapper().readTree(in.readLine().substring("data: ".length()));
            }
        }
        throw new AssertionError("the stream ended before " + name);
    }

    private void add(double x, double value) {
        page.add(List.of(new LivePage.Row(0, x, value, Double.NaN)));
    }

    private void waitForReaders(int number) throws InterruptedException {
        Browser.until(number + " readers", () -> page.readers() == number);
    }

    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/1.1|Host: 127.0.0.1:80, 200", // a tunnel has another port
        "GET / HTTP/1.1|Host: LOCALHOST, 200",
        "GET /?x=1 HTTP/1.1|Host: localhost, 200",
        "HEAD / HTTP/1.1|Host: localhost, 200",
        "GET / HTTP/1.1|Host: localhost|Origin: http://localhost, 200",
        "GET / HTTP/1.1|Host: evil.example, 421",
        "GET /events HTTP/1.1|Host: evil.example:8080, 421",
        "GET / HTTP/1.1|Host: localhost.evil.example, 421",
        "GET / HTTP/1.1|Host: 127.0.0.1.evil.example, 421",
        "GET / HTTP/1.1|Host: localhost|Host: evil.example, 421",
        "GET / HTTP/1.0|X: y, 421",
        "GET /events HTTP/1.1|Host: localhost|Origin: http://evil.example, 403",
        "GET /events HTTP/1.1|Host: localhost|Origin: null, 403",
        "GET /index.html HTTP/1.1|Host: localhost, 404",
        "GET /events/ HTTP/1.1|Host: localhost, 404",
        "GET /../etc/passwd HTTP/1.1|Host: localhost, 404",
        "GET /%2e%2e/etc/passwd HTTP/1.1|Host: localhost, 404",
        "GET //events HTTP/1.1|Host: localhost, 404",
        "POST / HTTP/1.1|Host: localhost|Content-Length: 0, 405",
        "DELETE /events HTTP/1.1|Host: localhost, 405"
    })
    void answersOnlyWhatItIsFor(String request, int status) throws IOException {
        String line = lines(ask(request.replace("|", "\n") + "\nConnection: close\n\n"))
                .readLine();
        assertEquals("HTTP/1.1 " + status, line.substring(0, 12), line);
    }

    @Test
    void listensOnThisMachineOnly() throws Exception {
        assertEquals("127.0.0.1", page.address().getHost());
        List<InetAddress> others = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .toList();
        for (InetAddress other : others) {
            assertThrows(
                    IOException.class, () -> new Socket(other, page.address().getPort()).close(), other.toString());
        }
    }

    @Test
    void aPortThatIsTakenIsSaid() {
        assertThrows(BindException.class, () -> new LivePage(page.address().getPort(), "other").close());
    }

    @Test
    void theTitleIsText() throws IOException {
        BufferedReader in = lines(ask("GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n"));
        List<String> all = in.lines().toList();
        assertTrue(all.contains("<h1>T &lt;i&gt;</h1>"), "title");
        assertTrue(all.stream().anyMatch(line -> line.contains("connect-src 'self'")), "policy");
    }

    @Test
    void whoComesLateGetsWhatWasAndThenWhatComes() throws Exception {
        page.begin(List.of(LOSS));
        add(1, 0.5);
        page.add(List.of(new LivePage.Row(0, 1, Double.NaN, 0.25)));
        BufferedReader in = lines(listen());
        JsonNode history = next(in, "history");
        assertEquals(
                "[[1.0,0.5,null],[1.0,null,0.25]]", history.at("/panels/0/rows").toString());
        assertEquals("[\"train\",\"test\"]", history.at("/panels/0/series").toString());
        add(2, 0.125);
        assertEquals("[[0,[2.0,0.125,null]]]", next(in, "rows").toString());
    }

    @Test
    void theNextTrainingBeginsAnew() throws Exception {
        page.begin(List.of(LOSS));
        add(1, 0.5);
        BufferedReader in = lines(listen());
        next(in, "history");
        page.begin(List.of(new LivePage.Panel("Other", "x", "y", List.of("a"))));
        JsonNode history = next(in, "history");
        assertEquals("Other", history.at("/panels/0/title").asText());
        assertEquals(0, history.at("/panels/0/rows").size());
        assertThrows(IllegalArgumentException.class, () -> add(1, 2), "another number of curves");
    }

    @Test
    void theEndIsTold() throws Exception {
        page.begin(List.of(LOSS));
        BufferedReader in = lines(listen());
        next(in, "history");
        add(1, 0.5);
        page.close();
        assertEquals(1, next(in, "rows").size(), "what was added before comes first");
        next(in, "end");
        assertThrows(IOException.class, () -> ask("GET / HTTP/1.1\nHost: localhost\n\n"));
    }

    /** As many rows as may be kept are those of the whole time. */
    @Test
    void theHistoryIsBounded() throws Exception {
        page.begin(List.of(LOSS));
        int rows = 100_000;
        for (int i = 0; i < rows; i++) {
            add(i, i);
            assertTrue(page.rows() < LivePage.ROWS);
        }
        JsonNode kept = next(lines(listen()), "history").at("/panels/0/rows");
        assertTrue(kept.size() >= LivePage.ROWS / 2, "so few: " + kept.size());
        double before = -1;
        for (JsonNode row : kept) {
            assertTrue(row.get(0).asDouble() > before, "in order");
            before = row.get(0).asDouble();
            assertEquals(row.get(0).asDouble(), row.get(1).asDouble(), "the mean of both columns is of the same rows");
        }
        assertTrue(kept.get(0).get(0).asDouble() < 0.01 * rows && before > 0.99 * rows, "from begin to end");
    }

    /** One that never reads, one that does, and many events: nobody waits, and the one that reads has the last word. */
    @Test
    void whoDoesNotReadHindersNobody() throws Exception {
        page.begin(List.of(LOSS));
        listen(); // and never reads
        Socket reading = listen();
        waitForReaders(2);
        int rows = 200_000;
        long start = System.nanoTime();
        for (int i = 1; i <= rows; i++) {
            add(i, i);
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        System.out.printf("%d events in %.2f s, %d not sent one by one%n", rows, seconds, page.dropped());
        assertTrue(page.longestQueue() <= LivePage.QUEUE, "queue of " + page.longestQueue());
        assertTrue(page.dropped() > 0, "the one that does not read loses some");
        BufferedReader in = lines(reading);
        for (double last = 0; last < rows; ) {
            String line = in.readLine();
            if (line.startsWith("data: [[")) {
                JsonNode added = new ObjectMapper().readTree(line.substring(6));
                last = added.get(added.size() - 1).get(1).get(0).asDouble();
            } else if (line.startsWith("data: {")) {
                JsonNode all = new ObjectMapper().readTree(line.substring(6)).at("/panels/0/rows");
                last = all.isEmpty() ? 0 : all.get(all.size() - 1).get(0).asDouble() + 1000; // perhaps a mean
            }
        }
        long close = System.nanoTime();
        page.close();
        assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - close) < 10, "the end waits for nobody");
    }

    @Test
    void thereAreOnlySoManyReaders() throws Exception {
        page.begin(List.of(LOSS));
        List<BufferedReader> readers = new ArrayList<>();
        for (int i = 0; i < LivePage.READERS; i++) {
            readers.add(lines(listen()));
        }
        waitForReaders(LivePage.READERS);
        assertEquals("HTTP/1.1 503", lines(listen()).readLine().substring(0, 12));
        assertEquals(
                "HTTP/1.1 200",
                lines(ask("GET / HTTP/1.1\nHost: localhost\n\n")).readLine().substring(0, 12),
                "the page itself is still there");
        for (BufferedReader reader : readers) {
            next(reader, "history");
        }
    }

    @Test
    void whoGoesIsForgotten() throws Exception {
        page.begin(List.of(LOSS));
        Socket socket = listen();
        waitForReaders(1);
        socket.setSoLinger(true, 0); // a connection that breaks
        socket.close();
        Browser.until("it is noticed", () -> {
            add(1, 1);
            return page.readers() == 0;
        });
        assertFalse(page.readers() > 0);
    }

    @Test
    void aSocketThatSaysNothingKeepsNobodyOut() throws Exception {
        for (int i = 0; i < 100; i++) {
            ask("GET / HT"); // and no more
        }
        assertEquals(
                "HTTP/1.1 200",
                lines(ask("GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n"))
                        .readLine()
                        .substring(0, 12));
    }
}
