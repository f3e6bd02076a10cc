package org.nautile.models.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real Chromium without a window, driven by its DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SECONDS = 20;

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());

    /** Starts the browser; the test is skipped, loudly, where there is none. */
    static Browser start(Path folder) throws Exception {
        Path program = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .flatMap(place -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(Path.of(place)::resolve))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(program != null, "SKIPPED: chromium (or google-chrome) is needed to look at pages");
        return new Browser(program, folder);
    }

    private Browser(Path program, Path folder) throws Exception {
        Path profile = Files.createDirectories(folder.resolve("profile"));
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--disable-dev-shm-usage",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("chromium.log").toFile())
                .start();
        Path port = profile.resolve("DevToolsActivePort");
        until("the browser starts", () -> lines(port).size() == 2);
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest list = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + lines(port).get(0) + "/json/list"))
                .build();
        String[] address = {""};
        until("the browser has a tab", () -> {
            try {
                for (JsonNode tab : JSON.readTree(
                        http.send(list, HttpResponse.BodyHandlers.ofString()).body())) {
                    if (tab.path("type").asText().equals("page")) {
                        address[0] = tab.path("webSocketDebuggerUrl").asText();
                    }
                }
                return !address[0].isEmpty();
            } catch (Exception e) {
                return false;
            }
        });
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(address[0]), new Messages())
                .get(SECONDS, TimeUnit.SECONDS);
        for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
            call(domain + ".enable", Map.of());
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (Exception e) {
            return List.of();
        }
    }

    static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what + ": not within " + SECONDS + " s");
            Thread.sleep(20);
        }
    }

    private final class Messages implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                String message = text.toString();
                text.setLength(0);
                try {
                    take(JSON.readTree(message));
                } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                    complaints.add(e.toString());
                }
            }
            webSocket.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    private void take(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> answer =
                    answers.remove(message.path("id").asInt());
            if (answer != null) {
                answer.complete(message);
            }
            return;
        }
        JsonNode params = message.path("params");
        switch (message.path("method").asText()) {
            case "Network.requestWillBeSent" ->
                requests.add(params.path("request").path("url").asText());
            case "Runtime.exceptionThrown" ->
                complaints.add(params.path("exceptionDetails").toString());
            case "Log.entryAdded" ->
                complaints.add(params.path("entry").path("text").asText());
            default -> {}
        }
    }

    JsonNode call(String method, Map<String, ?> params) throws Exception {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(params));
        socket.sendText(message.toString(), true).get(SECONDS, TimeUnit.SECONDS);
        JsonNode got = answer.get(SECONDS, TimeUnit.SECONDS);
        assertTrue(!got.has("error"), () -> method + ": " + got);
        return got.path("result");
    }

    void open(URI page) throws Exception {
        requests.clear();
        complaints.clear();
        call("Page.navigate", Map.of("url", page.toString()));
        until("the page is loaded", () -> evaluate("document.readyState").equals("complete"));
    }

    /** The value of an expression as text. */
    String evaluate(String expression) {
        try {
            JsonNode result = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
            return result.path("result").path("value").asText();
        } catch (Exception e) {
            throw new IllegalStateException(expression, e);
        }
    }

    /** A key, pressed and released, for example "Tab". */
    void press(String key, int code) throws Exception {
        for (String type : List.of("keyDown", "keyUp")) {
            String text = key.equals("Enter") && type.equals("keyDown") ? "\r" : "";
            call(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code, "text", text));
        }
    }

    void screen(int width, int height, boolean dark) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    byte[] screenshot() throws Exception {
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", Map.of("format", "png"))
                        .path("data")
                        .asText());
    }

    /** What the page asked the network for, itself included. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Exceptions of scripts, and what the browser logged. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() throws Exception {
        List<ProcessHandle> all = process.descendants().toList(); // they write to the profile, too
        socket.abort();
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        for (ProcessHandle each : all) {
            each.destroyForcibly();
            each.onExit().get(SECONDS, TimeUnit.SECONDS);
        }
    }
}
