package org.nautile.models.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.nautile.optim.EpochResult;

/** What a live page is told of a training. */
class LiveTrainingTest {
    private static EpochResult result(int epoch) {
        return new EpochResult(epoch, 0.1, 2, Double.NaN, Double.NaN, 0.5, 200);
    }

    private static LiveTraining training(LivePage page, LongSupplier memory) {
        return new LiveTraining(page, () -> "", 64, () -> 3, memory);
    }

    /** The rows of a panel. */
    private static JsonNode rows(LivePage page, String title) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), page.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write("GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("data: ")) {
                    for (JsonNode panel : new ObjectMapper()
                            .readTree(line.substring("data: ".length()))
                            .path("panels")) {
                        if (panel.path("title").asText().equals(title)) {
                            return panel.path("rows");
                        }
                    }
                }
            }
            throw new AssertionError("no panel " + title);
        }
    }

    /** A training that is stopped ends where it was, and not at the end of the epoch before. */
    @Test
    void curvesNeverGoBack() throws IOException {
        try (LivePage page = new LivePage(0, "test")) {
            LiveTraining training = training(page, () -> 1 << 20);
            training.started(10, 10);
            for (int batch = 1; batch <= 10; batch++) {
                training.batchDone(1, batch, 2);
            }
            training.epochDone(result(1));
            for (int batch = 1; batch <= 4; batch++) {
                training.batchDone(2, batch, 1);
            }
            training.finished(List.of(result(1)));
            JsonNode loss = rows(page, "Loss");
            double before = 0;
            for (JsonNode row : loss) {
                assertTrue(row.path(0).asDouble() >= before, loss::toString);
                before = row.path(0).asDouble();
            }
            assertEquals(1.4, before, 1e-6);
            JsonNode memory = rows(page, "Memory");
            assertEquals(1, memory.path(0).path(3).asDouble());
        }
    }

    /** Of the first and the last step of an epoch nobody knows how long they took, or of how many examples they were. */
    @Test
    void ofShortEpochsTheMeanSpeedIsShown() throws IOException {
        try (LivePage page = new LivePage(0, "test")) {
            LiveTraining training = training(page, () -> -1);
            training.started(1, 2);
            training.batchDone(1, 1, 2);
            training.batchDone(1, 2, 2);
            training.epochDone(result(1));
            training.finished(List.of(result(1)));
            JsonNode speed = rows(page, "Speed");
            assertEquals(1, speed.size(), speed::toString);
            assertEquals(200, speed.path(0).path(1).asDouble());
            JsonNode memory = rows(page, "Memory");
            assertTrue(memory.path(0).path(3).isNull(), memory::toString); // nobody counts
        }
    }
}
