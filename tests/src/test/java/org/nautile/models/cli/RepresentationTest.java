package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;

/** {@code nautile train representation}. */
@ExtendWith(RestoresDefaults.class)
class RepresentationTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) throws IOException {
        Path data = DigitFiles.write(folder.resolve("mnist"), 500);
        String line = "train representation --epochs 1 --data " + data + " --out " + folder + " " + options;
        return Outcome.of(line.split(" "));
    }

    @Test
    void leavesItsPicture() throws IOException {
        Outcome outcome = train("--points 60 --perplexity 15 --tsne-steps 20");
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().contains("52 650 parameters"), outcome::toString);
        assertTrue(outcome.out().contains("test accuracy 0."), outcome::toString);
        LeftFiles.pictures(folder, "representation.png");
    }

    @Test
    void wrongOptionsAreRefused() throws IOException {
        assertTrue(train("--points 60 --perplexity 20").error(2).contains("--perplexity 20"));
        assertTrue(train("--tsne-steps 0").error(2).contains("--tsne-steps 0"));
    }
}
