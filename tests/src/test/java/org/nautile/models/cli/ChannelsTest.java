package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.data.ImageDataset;
import org.nautile.models.ChannelMatches;
import org.nautile.models.ChannelMatches.Match;
import org.nautile.models.Classifier;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Sequential;

/** {@code nautile channels}: the images that look alike to a channel. */
@ExtendWith(RestoresDefaults.class)
class ChannelsTest {
    @TempDir
    private Path folder = Path.of("");

    /** Channel 0 sees red alone, channel 1 green alone: what is like the image differs. */
    @Test
    void similarityIsOfTheChannel() {
        byte[] pixels = { // two images of [2, 1, 2] differ in one channel each
            100, 50, 20, 80, // the image itself
            50, 25, 80, 20, // twice as dark in channel 0: the same direction
            10, 90, 40, (byte) 160 // twice as bright in channel 1
        };
        ImageDataset images = new ImageDataset(pixels, new byte[] {0, 0, 0}, Shape.of(2, 1, 2), 1);
        Sequential network =
                new Sequential(new Conv2d(2, 2, ConvOptions.kernel(1).withoutBias(), new Generator(1, 0)));
        try (network) {
            network.parameters().values().iterator().next().value().set(new float[] {1, 0, 0, 1});
            Classifier classifier = new Classifier(network, Shape.of(2, 1, 2), UnaryOperator.identity(), List.of("x"));
            assertEquals(2, ChannelMatches.channels(classifier)[0]);
            float[] first = images.pixels(0);
            ChannelMatches matches = new ChannelMatches(classifier, 0);
            List<Match> red = matches.find(first, 0, images, 3);
            assertEquals(1, red.get(0).similarity(), 1e-6);
            assertEquals(1, red.get(1).similarity(), 1e-6);
            assertEquals(2, red.get(2).index());
            double cosine = (100 * 10 + 50 * 90) / Math.sqrt((100.0 * 100 + 50 * 50) * (10.0 * 10 + 90 * 90));
            assertEquals(cosine, red.get(2).similarity(), 1e-6);
            List<Match> green = matches.find(first, 1, images, 2);
            assertEquals(
                    List.of(0, 2), green.stream().map(Match::index).sorted().toList());
            assertThrows(ShapeException.class, () -> matches.find(first, 2, images, 1));
        }
    }

    private Outcome channels(String options) throws IOException {
        Path data = folder.resolve("mnist");
        if (!Files.exists(data)) {
            DigitFiles.write(data, 200);
        }
        return Outcome.of(("channels --data " + data + " --images 50 --out " + folder + " " + options)
                .strip()
                .split(" "));
    }

    @Test
    void drawsTheMatches() throws IOException {
        Outcome outcome = channels("--channels 0,31");
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().contains("layer 5 of "), outcome::toString);
        Pages.check(outcome, folder, "channels", "channels.png", "channel", "cosine");
        assertEquals(0, channels("--layer 1").code());
    }

    /** Weights of a training on coloured images, which predict and channels take from its folder. */
    @Test
    void trainedNetworksAreAsked() throws IOException {
        Path run = folder.resolve("run");
        String train = "train cifar-cnn --width 8 --quick --limit 64 --epochs 1 --out " + run;
        Outcome trained = Outcome.of(train.split(" "));
        assertEquals(0, trained.code(), trained::toString);
        String line = "channels --weights " + run + " --images 20 --out " + folder;
        Outcome outcome = Outcome.of(line.split(" "));
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().contains("layer "), outcome::toString);
        Pages.check(outcome, folder, "channels", "channels.png", "channel", "cosine");

        Path image = folder.resolve("red.png");
        BufferedImage red = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        red.setRGB(5, 5, 0xFF0000);
        ImageIO.write(red, "png", image.toFile());
        Outcome predicted = Outcome.of("predict", run.toString(), image.toString());
        assertEquals(0, predicted.code(), predicted::toString);
        assertTrue(
                predicted.out().matches(image + ": [a-z]+ [\\d.]+ %, [a-z]+ [\\d.]+ %, [a-z]+ [\\d.]+ %\n"),
                predicted.out());
    }

    @Test
    void channelsThatAreNotThereAreRefused() throws IOException {
        for (String[] refused : new String[][] {
            {"--channels 3,32", "no layer has the channels [3, 32]"},
            {"--channels=-1", "no layer has the channels [-1]"},
            {"--layer 6", "layer 6 has not the channels [2, 12, 13, 24]"}
        }) {
            Outcome outcome = channels(refused[0]);
            assertTrue(outcome.error(1).contains(refused[1]), outcome::toString);
        }
        assertTrue(channels("--index 50").error(2).contains("--index 50"));
    }
}
