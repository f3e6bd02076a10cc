package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;

/** {@code nautile explain}, of networks that this test trains. */
@ExtendWith(RestoresDefaults.class)
class ExplainTest {
    private static final Pattern COMPLETE =
            Pattern.compile("all classes: (\\d+) of (\\d+) sums within 3 standard errors");
    private static final Pattern FALLS = Pattern.compile("falls by (-?[\\d.]+), without random ones by (-?[\\d.]+) ");

    @TempDir
    private Path folder = Path.of("");

    private Path train(String options) {
        Path run = folder.resolve("run");
        Outcome trained = Outcome.of(("train " + options + " --threads 1 --out " + run).split(" "));
        assertEquals(0, trained.code(), trained::toString);
        return run;
    }

    private static Matcher found(Pattern pattern, Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::toString);
        Matcher matcher = pattern.matcher(outcome.out());
        assertTrue(matcher.find(), outcome::toString);
        return matcher;
    }

    private static int outside(Outcome outcome) {
        Matcher complete = found(COMPLETE, outcome);
        return Integer.parseInt(complete.group(2)) - Integer.parseInt(complete.group(1));
    }

    /** Both methods: sums are right, and pixels with large values matter more than others. */
    @Test
    void digits() throws IOException {
        Path data = DigitFiles.write(folder.resolve("mnist"), 2000);
        Path run = train("mnist-mlp --optimizer adam --lr 0.002 --epochs 4 --data " + data);
        for (String method : List.of("expected-gradients --images 10", "permutation --patch 7 --images 3")) {
            Path json = folder.resolve("explained.json");
            String line = "explain " + run + " --quick --data " + data + " --json " + json + " --method " + method;
            Outcome outcome = Outcome.of(line.split(" "));
            int most = method.startsWith("permutation") ? 0 : 8; // of 100 sums, whose errors are of 10 rounds
            assertTrue(outside(outcome) <= most, outcome::toString);
            Matcher falls = found(FALLS, outcome);
            double top = Double.parseDouble(falls.group(1));
            assertTrue(top > 0.3 && top > Double.parseDouble(falls.group(2)) + 0.2, outcome::toString);
            Pages.check(outcome, run.resolve("explained"), "explain", "explain.png", "image", "random");
            for (JsonNode image : new ObjectMapper().readTree(json.toFile()).get("images")) {
                double score = image.get("scores").get(3).asDouble()
                        - image.get("background").get(3).asDouble();
                double sum = 0;
                for (JsonNode value : image.get("attributions").get(3)) {
                    sum += value.asDouble();
                }
                assertEquals(image.get("sums").get(3).asDouble(), sum, 1e-9);
                // found: up to 0.011; an explainer that says nothing is 0.065 and more away, of a 3 far more
                assertEquals(score, sum, method.startsWith("permutation") ? 1e-4 : 0.03);
                assertEquals(784, image.get("errors").get(3).size());
            }
        }
    }

    /** Images in colour, of a file and of the test set, and what softmax has not touched. */
    @Test
    void photographs() throws IOException {
        Path run = train("cifar-cnn-small --quick --limit 640 --epochs 1");
        Path file = folder.resolve("a rather long name of an image.png");
        ImageIO.write(new BufferedImage(64, 40, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        String[] line = {
            "explain",
            run.toString(),
            file.toString(),
            "--score",
            "logit",
            "--background",
            "4",
            "--samples",
            "5",
            "--out",
            folder.resolve("pictures").toString()
        };
        Outcome outcome = Outcome.of(line);
        assertTrue(outside(outcome) <= 2, outcome::toString);
        assertTrue(outcome.out().contains("expected gradients of the logit; background: 4 training images"));
        Pages.check(outcome, folder.resolve("pictures"), "explain", "explain.png", "image", "random");
        String permutation = "explain " + run + " --images 1 --background 2 --samples 2 --patch 9 --method permutation";
        assertEquals(0, outside(Outcome.of(permutation.split(" "))));
    }

    @Test
    void wrongOptionsAreRefused() {
        for (String option : List.of("--images 0", "--background 0", "--samples 1", "--patch 0", "--method lime")) {
            String error =
                    Outcome.of(("explain " + folder + " " + option).split(" ")).error(2);
            assertTrue(error.contains(option.split(" ", -1)[0]), error);
        }
        assertTrue(Outcome.of("explain", folder.toString()).error(1).contains("no history.json"));
    }
}
