package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;

/** {@code nautile train --live}: the page while training goes on, and that training does not change by it. */
@ExtendWith(RestoresDefaults.class)
class LiveTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String name, String options) {
        String line = "train mnist-mlp --quick --limit 500 --out " + folder.resolve(name) + " " + options;
        return Outcome.of(line.split(" +"));
    }

    /** The losses of a history, which no clock changes. */
    private List<String> losses(String name) throws IOException {
        JsonNode history =
                JSON.readTree(folder.resolve(name).resolve("history.json").toFile());
        List<String> losses = new ArrayList<>();
        history.get("epochs").forEach(epoch -> losses.add(epoch.get("train_loss") + " " + epoch.get("test_loss")));
        return losses;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** All that the stream sends, from when the server is there to its end. */
    private static List<String> stream(int port) throws Exception {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20); ; Thread.sleep(5)) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream()
                        .write("GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                        .lines()
                        .toList();
            } catch (ConnectException e) {
                assertTrue(System.nanoTime() < end, "nobody listens");
            }
        }
    }

    @Test
    void trainingIsSeenAndNotChanged() throws Exception {
        assertEquals(0, train("plain", "--epochs 40").code());
        int port = freePort();
        CompletableFuture<List<String>> seen = CompletableFuture.supplyAsync(() -> {
            try {
                return stream(port);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Outcome live = train("live", "--epochs 40 --live " + port);
        assertEquals(0, live.code(), live::toString);
        assertEquals("live: http://127.0.0.1:" + port + "/", live.outLines().get(0));
        assertEquals(losses("plain"), losses("live"), "the same bits with and without");

        List<String> lines = seen.get(20, TimeUnit.SECONDS);
        assertTrue(lines.contains("event: end"), "the end is told");
        List<String> titles = new ArrayList<>();
        Map<String, Double> newest = new HashMap<>(); // of each panel's first curve
        for (String line : lines) {
            if (line.startsWith("data: {\"run\"")) { // the history: what was before is in it
                titles.clear();
                for (JsonNode panel : JSON.readTree(line.substring(6)).get("panels")) {
                    titles.add(panel.get("title").asText());
                    panel.get("rows")
                            .forEach(row -> newest.put(
                                    panel.get("title").asText(), row.get(1).asDouble()));
                }
            } else if (line.startsWith("data: [")) {
                for (JsonNode row : JSON.readTree(line.substring(6))) {
                    newest.put(titles.get(row.get(0).asInt()), row.get(1).get(1).asDouble());
                }
            }
        }
        assertEquals(List.of("Loss", "Test accuracy", "Speed", "Memory", "Norm of the gradients"), titles);
        JsonNode history = JSON.readTree(folder.resolve("live/history.json").toFile());
        assertEquals(
                history.get("epochs").get(39).get("test_accuracy").asDouble(),
                newest.getOrDefault("Test accuracy", Double.NaN),
                1e-6);
        assertTrue(newest.getOrDefault("Norm of the gradients", 0.0) > 0, newest::toString);
        assertThrows(IOException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
    }

    @Test
    void badPortsAreOneLine() throws IOException {
        assertEquals(
                "nautile: --live 70000 is not a port, 0 to 65535 (nautile train mnist-mlp --help)",
                train("a", "--live=70000").error(2));
        assertTrue(train("b", "--live=x").error(2).contains("--live"));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String error = train("c", "--live=" + taken.getLocalPort()).error(1);
            assertTrue(error.startsWith("nautile: cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": "), error);
        }
    }

    @Test
    void withoutPortAnyIsTaken() {
        Outcome outcome = train("d", "--epochs 1 --live");
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().matches("(?s)live: http://127\\.0\\.0\\.1:\\d+/\\R.*"), outcome::toString);
    }
}
