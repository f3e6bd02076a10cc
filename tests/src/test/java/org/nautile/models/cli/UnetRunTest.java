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
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.RestoresDefaults;
import org.nautile.models.charts.Picture;
import org.nautile.models.segmentation.Instances;
import org.nautile.models.segmentation.LabelledImage;
import org.nautile.models.segmentation.Nuclei;
import org.nautile.models.segmentation.Segmentation;

/** {@code nautile train unet} on drawn nuclei in files. */
@ExtendWith(RestoresDefaults.class)
class UnetRunTest {
    private static final String SMALL = " --base 4 --crop 32 --epochs 12 --batch 2 --lr 0.003";

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void files() throws IOException {
        Nuclei nuclei = Nuclei.generate(1, 8, 2, 64);
        for (LabelledImage image : nuclei.train()) {
            write(image);
        }
        for (LabelledImage image : nuclei.test()) {
            write(image);
        }
    }

    private void write(LabelledImage image) throws IOException {
        BufferedImage pixels = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_BYTE_GRAY);
        BufferedImage labels = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_USHORT_GRAY);
        for (int i = 0; i < image.labels().length; i++) {
            int x = i % image.width();
            int y = i / image.width();
            pixels.getRaster().setSample(x, y, 0, image.pixels()[i]);
            labels.getRaster().setSample(x, y, 0, image.labels()[i]);
        }
        for (String name : List.of("images", "labels")) {
            Files.createDirectories(folder.resolve(name));
            Path file = folder.resolve(name).resolve(image.name() + ".png");
            assertTrue(ImageIO.write(name.equals("images") ? pixels : labels, "png", file.toFile()));
        }
    }

    private Outcome run(String options) {
        return Outcome.of(("train unet --data " + folder + " --out " + folder.resolve("out") + options).split(" +"));
    }

    @ParameterizedTest
    @CsvSource({"1, ce", "1, dice", "1, shape", "3, ce", "3, shape"})
    void learnsWithEachLossAndDraws(int classes, String loss) throws IOException {
        Outcome outcome = run(SMALL + " --classes " + classes + " --loss " + loss);
        assertEquals(0, outcome.code(), outcome::toString);
        List<String> lines = outcome.outLines();
        assertTrue(
                lines.get(0)
                        .matches(
                                "unet: nuclei from .*: 8 images with \\d+ nuclei to train on, 2 with \\d+ to test, in crops 32"),
                lines.get(0));
        String last = outcome.last();
        assertTrue(last.startsWith("test IoU 0."), last);
        int precision = last.indexOf("average precision ") + 18;
        assertTrue(Double.parseDouble(last.substring(precision, precision + 6)) > 0.6, last);
        JsonNode history =
                new ObjectMapper().readTree(folder.resolve("out/history.json").toFile());
        JsonNode end = history.get("epochs").get(11);
        assertEquals(
                Double.parseDouble(last.substring(9, 15)), end.get("test_iou").asDouble(), 6e-5);
        assertTrue(end.get("train_loss").asDouble()
                < history.get("epochs").get(0).get("train_loss").asDouble());
        LeftFiles.ofTraining(folder.resolve("out"), Set.of(), Set.of("curves.png", "evaluation.png", "nuclei.png"));
    }

    @Test
    void evaluatesWhatWasTrained() {
        Outcome trained = run(SMALL);
        assertEquals(0, trained.code(), trained::toString);
        Outcome evaluated = run(SMALL + " --evaluate " + folder.resolve("out"));
        assertEquals(0, evaluated.code(), evaluated::toString);
        List<String> lines = evaluated.outLines();
        assertEquals(trained.last(), evaluated.last());
        assertEquals(4, lines.size(), "no epochs: " + evaluated);

        String wider =
                run(" --base 5 --crop 32 --evaluate " + folder.resolve("out")).error(1);
        assertTrue(wider.contains("model.safetensors: not the weights of unet with these options: state: "), wider);
        String nothing = run(SMALL + " --evaluate " + folder).error(1);
        assertTrue(nothing.contains("model.safetensors: no such file"), nothing);
    }

    /** As many nuclei as can be told apart, or nearly, and a picture; also of dark ones on light. */
    @Test
    void predictsNuclei() throws IOException {
        assertEquals(0, run(SMALL.replace("--epochs 12", "--epochs 40")).code());
        LabelledImage first = Nuclei.generate(1, 8, 2, 64).test().get(0);
        Path light = folder.resolve("images").resolve(first.name() + ".png");
        BufferedImage pixels = ImageIO.read(light.toFile());
        for (int i = 0; i < 64 * 64; i++) {
            int level = pixels.getRaster().getSample(i % 64, i / 64, 0);
            pixels.getRaster().setSample(i % 64, i / 64, 0, 255 - level);
        }
        Path dark = folder.resolve("dark.png");
        assertTrue(ImageIO.write(pixels, "png", dark.toFile()));
        Path json = folder.resolve("answer.json");
        Path out = folder.resolve("out");
        Outcome plain =
                Outcome.of("predict", out.toString(), light.toString(), light.toString(), "--json", json.toString());
        assertEquals(0, plain.code(), plain::toString);
        JsonNode answers = new ObjectMapper().readTree(json.toFile()).get("predictions");
        assertEquals(2, answers.size());
        int found = answers.get(0).get("nuclei").asInt();
        int apart = Arrays.stream(Instances.watershed(first.mask(), 64, Segmentation.LEAST))
                .max()
                .orElseThrow();
        assertEquals(apart, found, 1, plain.toString());
        int covered = 0;
        for (boolean pixel : first.mask()) {
            covered += pixel ? 1 : 0;
        }
        assertEquals(covered / 4096.0, answers.get(0).get("share_of_pixels").asDouble(), 0.1, plain.toString());

        Outcome inverted = Outcome.of(
                "predict",
                out.toString(),
                dark.toString(),
                "--invert",
                "--out",
                folder.toString(),
                "--json",
                json.toString());
        assertEquals(0, inverted.code(), inverted::toString);
        assertEquals(
                found,
                new ObjectMapper()
                        .readTree(json.toFile())
                        .get("predictions")
                        .get(0)
                        .get("nuclei")
                        .asInt(),
                1);
        if (Picture.obstacle().isEmpty()) {
            for (String name : List.of("1-", "2-")) {
                assertTrue(Files.isRegularFile(out.resolve("predictions/" + name + first.name() + "-predicted.png")));
            }
            assertTrue(Files.isRegularFile(folder.resolve("dark-predicted.png")));
        }
        Path text = Files.writeString(folder.resolve("text.png"), "not an image");
        String error = Outcome.of("predict", out.toString(), text.toString()).error(1);
        assertTrue(error.contains(text + ": not a readable image"), error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--classes 2; --classes 2 is neither 1 nor 3",
                "--classes 3 --loss dice; --loss dice is for --classes 1",
                "--base 0; --base 0 is less than 1",
                "--crop 100; --crop 100 is not a multiple of 16",
                "--tile 224; --tile 224 is not a multiple of 16 above 224",
                "--clip -1; --clip -1.0 is not a number >= 0"
            })
    void optionsAreChecked(String options, String message) {
        Outcome outcome = run(" " + options);
        assertEquals(2, outcome.code(), outcome::toString);
        assertTrue(outcome.err().startsWith("nautile: " + message), outcome::toString);
    }

    @Test
    void badDataIsNamed() throws IOException {
        Path image = folder.resolve("images/drawn-3.png");
        Files.writeString(image, "no image");
        assertTrue(run(SMALL).error(1).contains(image + ": not a readable image"));
        Files.delete(image);
        Files.delete(folder.resolve("labels/drawn-0.png"));
        assertTrue(run(SMALL).error(1).contains("drawn-0.png: there is no such file"));
        Outcome empty =
                Outcome.of("train", "unet", "--data", folder.resolve("labels").toString());
        assertTrue(empty.error(1).contains("no data set 'nuclei-dsb2018' in it"), empty::toString);
    }
}
