package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;

/** {@code nautile train flow-1d} and {@code flow-2d}. */
@ExtendWith(RestoresDefaults.class)
class FlowTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train " + options + " --threads 1 --out " + folder.resolve("out")).split(" +"));
    }

    private static final String PLANE = "test negative log-likelihood (\\S+) nats; inverse\\(forward\\(x\\)\\) within"
            + " (\\S+); integral of the density (\\S+)";

    @Test
    void quickRunOfTheLine() {
        double[] figures = train("flow-1d --quick")
                .figures("test negative log-likelihood (\\S+) nats, that of the true density (\\S+);"
                        + " inverse\\(forward\\(x\\)\\) within (\\S+); integral of the density (\\S+)");
        assertEquals(figures[1], figures[0], 0.05);
        assertTrue(figures[2] < 1e-4);
        assertEquals(1, figures[3], 0.01);
        LeftFiles.pictures(folder.resolve("out"), "mapping.png", "densities.png", "learning.png");
    }

    @Test
    void quickRunOfMoons() {
        double[] figures =
                train("flow-2d --quick --couplings 6 --hidden 32 --epochs 25").figures(PLANE);
        assertTrue(figures[0] < 1.25, Arrays.toString(figures));
        assertTrue(figures[1] < 1e-4, Arrays.toString(figures));
        assertEquals(1, figures[2], 0.01);
        LeftFiles.pictures(folder.resolve("out"), "density.png", "samples.png", "learning.png");
    }

    private Path image(int rgb) throws IOException {
        BufferedImage image = new BufferedImage(60, 30, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 1800; i++) {
            boolean inside = i % 60 > 10 && i % 60 < 30 && i / 60 > 5 && i / 60 < 25;
            image.setRGB(i % 60, i / 60, inside ? rgb : 0xFFFFFF);
        }
        Path file = folder.resolve("picture.png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    /** A dark rectangle of 1.27 by 1.27: a normal distribution is at best 0.353 nats above its entropy, the flow 0.11. */
    @Test
    void learnsAPicture() throws IOException {
        Outcome outcome = train("flow-2d --quick --couplings 4 --hidden 32 --epochs 12 --picture " + image(0x000000));
        double[] figures = outcome.figures(PLANE);
        double entropy = 2 * Math.log(19 * 4.0 / 60);
        assertTrue(figures[0] > entropy && figures[0] < entropy + 0.25, Arrays.toString(figures));
        assertTrue(outcome.out().startsWith("flow-2d: points of "), outcome::toString);
    }

    @Test
    void picturesThatAreNoneAreRefused() throws IOException {
        Path text = folder.resolve("text.png");
        Files.write(text, "no picture".getBytes(StandardCharsets.UTF_8));
        assertTrue(train("flow-2d --picture " + text).error(1).contains("text.png: not an image"));
        String white = train("flow-2d --picture " + image(0xFFFFFF)).error(1);
        assertTrue(white.contains("picture.png: the picture is white all over"), white);
        String missing =
                train("flow-2d --picture " + folder.resolve("missing.png")).error(1);
        assertTrue(missing.contains("missing.png"), missing);
    }

    /** Two epochs, and two more from where they ended, are four. */
    @ParameterizedTest
    @ValueSource(strings = {"flow-1d --steps 5", "flow-2d --couplings 2 --hidden 8 --points circles"})
    void goesOn(String model) throws IOException {
        String options = model + " --quick --limit 300 --epochs ";
        Path weights = folder.resolve("out/model.safetensors");
        assertEquals(0, train(options + "4 --schedule constant").code());
        byte[] whole = Files.readAllBytes(weights);
        assertEquals(0, train(options + "2 --schedule constant").code());
        assertFalse(Arrays.equals(whole, Files.readAllBytes(weights)));
        Outcome rest = train(options + "4 --schedule constant --resume " + folder.resolve("out"));
        assertEquals(0, rest.code(), rest::toString);
        assertArrayEquals(whole, Files.readAllBytes(weights));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flow-1d --distribution cauchy",
                "flow-1d --steps 0",
                "flow-2d --points spiral",
                "flow-2d --couplings 1",
                "flow-2d --couplings 101",
                "flow-2d --hidden 0",
                "flow-2d --clip -1"
            })
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[1]), error);
    }
}
