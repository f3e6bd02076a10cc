package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;

/** {@code nautile predict}: trained digits are recognised in files of every kind; what cannot be is told in one line. */
@ExtendWith(RestoresDefaults.class)
class PredictTest {
    private static final ImageDataset DIGITS = Mnist.generate(2, 40);

    @TempDir
    private static Path shared = Path.of("");

    private static Path run = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void train() throws IOException {
        run = shared.resolve("run");
        Path data = DigitFiles.write(shared.resolve("mnist"), 3000);
        String line =
                "train mnist-mlp --classes 9 --optimizer adam --lr 0.003 --epochs 5 --data " + data + " --out " + run;
        Outcome outcome = Outcome.of(line.split(" "));
        assertEquals(0, outcome.code(), outcome::toString);
    }

    /** A drawn digit as an image, each of its pixels so many of the file's. */
    private static BufferedImage image(int index, int zoom, int type, boolean inverted) {
        float[] pixels = DIGITS.pixels(index);
        BufferedImage image = new BufferedImage(28 * zoom, 28 * zoom, type);
        boolean grey = image.getRaster().getNumBands() == 1;
        for (int y = 0; y < 28 * zoom; y++) {
            for (int x = 0; x < 28 * zoom; x++) {
                int level = Math.round(255 * pixels[y / zoom * 28 + x / zoom]);
                level = inverted ? 255 - level : level;
                if (grey) {
                    image.getRaster().setSample(x, y, 0, type == BufferedImage.TYPE_USHORT_GRAY ? 257 * level : level);
                } else {
                    image.setRGB(x, y, 0xFF000000 | level << 16 | level << 8 | level);
                }
            }
        }
        return image;
    }

    private Path write(String name, BufferedImage image) throws IOException {
        Path file = folder.resolve(name);
        assertTrue(ImageIO.write(image, "png", file.toFile()));
        return file;
    }

    private static int digitBelow9() {
        int index = 0;
        while (DIGITS.label(index) == 9) {
            index++;
        }
        return index;
    }

    @Test
    void digitsAreRecognised() throws IOException {
        int right = 0;
        int asked = 0;
        for (int i = 0; i < DIGITS.size(); i++) {
            if (DIGITS.label(i) < 9) {
                Path file = write("digit.png", image(i, 1, BufferedImage.TYPE_BYTE_GRAY, false));
                Outcome outcome = Outcome.of("predict", run.toString(), file.toString());
                assertEquals(0, outcome.code(), outcome::toString);
                assertTrue(
                        outcome.out().matches(file + ": \\d [\\d.]+ %, \\d [\\d.]+ %, \\d [\\d.]+ %\n"), outcome.out());
                right += outcome.out().startsWith(file + ": " + DIGITS.label(i)) ? 1 : 0;
                asked++;
            }
        }
        assertTrue(right > 0.8 * asked, right + " of " + asked);
    }

    /** Grey, colour, transparent, 16 bits, large: the same digit, the same probabilities. */
    @Test
    void everyKindOfFileGivesTheSameAnswer() throws IOException {
        int digit = digitBelow9();
        Path json = folder.resolve("answer.json");
        String[] args = {
            "predict",
            run.toString(),
            write("grey.png", image(digit, 1, BufferedImage.TYPE_BYTE_GRAY, false))
                    .toString(),
            write("colour.png", image(digit, 1, BufferedImage.TYPE_INT_RGB, false))
                    .toString(),
            write("alpha.png", image(digit, 1, BufferedImage.TYPE_INT_ARGB, false))
                    .toString(),
            write("deep.png", image(digit, 1, BufferedImage.TYPE_USHORT_GRAY, false))
                    .toString(),
            write("large.png", image(digit, 5, BufferedImage.TYPE_INT_RGB, false))
                    .toString(),
            "--json",
            json.toString()
        };
        assertEquals(0, Outcome.of(args).code());
        JsonNode answers = new ObjectMapper().readTree(json.toFile()).get("predictions");
        assertEquals(5, answers.size());
        JsonNode first = answers.get(0).get("classes");
        assertEquals(3, first.size());
        for (JsonNode answer : answers) {
            for (int i = 0; i < 3; i++) {
                JsonNode guess = answer.get("classes").get(i);
                assertEquals(first.get(i).get("name"), guess.get("name"), answer::toString);
                assertEquals(
                        first.get(i).get("probability").asDouble(),
                        guess.get("probability").asDouble(),
                        1e-5);
            }
        }
    }

    @Test
    void darkOnLightIsInverted() throws IOException {
        int digit = digitBelow9();
        Path light = write("a.png", image(digit, 1, BufferedImage.TYPE_BYTE_GRAY, false));
        Path dark = write("b.png", image(digit, 1, BufferedImage.TYPE_BYTE_GRAY, true));
        String expected =
                Outcome.of("predict", run.toString(), light.toString()).out();
        String found = Outcome.of("predict", "--invert", run.toString(), dark.toString())
                .out();
        assertEquals(
                expected.substring(light.toString().length()),
                found.substring(dark.toString().length()));
    }

    private void refused(Path from, Path image, String... expected) {
        Outcome outcome = Outcome.of("predict", from.toString(), image.toString());
        String error = outcome.error(1);
        for (String part : expected) {
            assertTrue(error.contains(part), error);
        }
        assertEquals("", outcome.out());
    }

    @Test
    void whatIsNoImageIsRefused() throws IOException {
        Path good = write("good.png", image(0, 1, BufferedImage.TYPE_BYTE_GRAY, false));
        Path missing = folder.resolve("missing.png");
        refused(run, missing, missing + ": no such file");
        Path empty = Files.createFile(folder.resolve("empty.png"));
        refused(run, empty, empty + ": the file is empty");
        Path text = Files.writeString(folder.resolve("text.png"), "not an image");
        refused(run, text, text + ": not an image");
        byte[] bytes = Files.readAllBytes(good);
        Path damaged = Files.write(folder.resolve("damaged.png"), Arrays.copyOf(bytes, bytes.length / 2));
        refused(run, damaged, damaged + ": not an image");
        refused(run, folder, folder.toString());
        Outcome second = Outcome.of("predict", run.toString(), good.toString(), text.toString());
        second.error(1);
        assertEquals("", second.out(), "no answer before all are read");
    }

    @Test
    void whatIsNoRunIsRefused() throws IOException {
        Path good = write("good.png", image(0, 1, BufferedImage.TYPE_BYTE_GRAY, false));
        refused(folder.resolve("none"), good, folder.resolve("none") + ": no history.json in it");
        Path other = Files.createDirectory(folder.resolve("run"));
        Path history = other.resolve("history.json");
        Files.copy(run.resolve("history.json"), history);
        refused(other, good, other + ": no model.safetensors in it");

        Path weights = other.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(run.resolve("model.safetensors"));
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 5));
        refused(other, good, weights.toString());
        Files.write(weights, bytes);
        String text = Files.readString(history);
        Files.writeString(history, text.replace("mnist-mlp", "mnist-mlq"));
        refused(other, good, history + ": there is no model 'mnist-mlq'");
        Files.writeString(history, text.replaceAll("\"classes\" : \"9\"", "\"classes\" : \"10\""));
        refused(other, good, weights + ": not the weights of mnist-mlp", "4.weight");
        Files.writeString(history, text.replaceAll("\"classes\" : \"9\"", "\"classes\" : \"99\""));
        refused(other, good, history + ": --classes 99");
        Files.writeString(history, text.substring(0, text.length() / 2));
        refused(other, good, history.toString());
        Files.writeString(history, text);
        assertEquals(0, Outcome.of("predict", other.toString(), good.toString()).code());
    }

    @Test
    void withoutImageIsWrongUsage() {
        Outcome.of("predict", run.toString()).error(2);
        Outcome.of("predict").error(2);
    }
}
