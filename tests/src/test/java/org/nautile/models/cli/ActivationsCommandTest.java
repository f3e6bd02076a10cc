package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;

/** {@code nautile activations}. */
@ExtendWith(RestoresDefaults.class)
class ActivationsCommandTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void everyFunctionIsPrintedAndDrawn() throws IOException {
        Path out = folder.resolve("new/folder");
        Outcome outcome = Outcome.of("activations", "--out", out.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        List<String> lines = outcome.outLines();
        for (String name : List.of("linear", "sigmoid", "softmax", "tanh", "ReLU", "leaky ReLU", "ELU", "swish")) {
            assertTrue(lines.stream().anyMatch(line -> line.startsWith(name + " ")), outcome::toString);
        }
        // f and f' at -2, 0 and 2
        assertTrue(
                outcome.out().matches("(?s).*swish +\\S+ .*-0.2384 +0.0000 +1.7616 +-0.0908 +0.5000 +1.0908 .*"),
                outcome::toString);
        assertTrue(lines.get(1).endsWith("final layer: regression"), outcome::toString);
        Pages.check(outcome, out, "activations", "activations.png", "function", "what it is for");
    }

    @Test
    void wrongOptionsAreRefused() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertTrue(Outcome.of("activations", "--out", file.toString()).error(1).contains("file"));
        assertTrue(Outcome.of("activations", "--device", "cup").error(2).contains("cpu"));
        assertTrue(Outcome.of("activations", "relu").error(2).contains("relu"));
    }
}
