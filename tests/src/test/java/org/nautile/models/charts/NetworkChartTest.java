package org.nautile.models.charts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights and neurons have the colours that the chart's legend says, and animations their frames. */
class NetworkChartTest {
    /** The second input is dead, and the second hidden neuron. */
    private static final double[][][] WEIGHTS = {{{2, 5}, {-1, 5}}, {{-3, 9}, {1.5, -9}, {0, 9}}};

    private static final double[][] NEURONS = {{1, 0}, {0.5, 0}, {0.2, 0.7, 0.1}};
    private static final List<String> NAMES = List.of("a", "b", "c");

    @BeforeAll
    static void fonts() {
        System.setProperty("java.awt.headless", "true");
        Optional<String> obstacle = Picture.obstacle();
        Assumptions.assumeTrue(obstacle.isEmpty(), () -> "SKIPPED: " + obstacle.orElse("") + "; " + Picture.REMEDY);
    }

    private static NetworkChart chart() {
        return new NetworkChart("title", "subtitle", WEIGHTS, NEURONS, NAMES);
    }

    private static Color pixel(BufferedImage image, double x, double y) {
        return new Color(image.getRGB((int) Math.round(Picture.SCALE * x), (int) Math.round(Picture.SCALE * y)));
    }

    /** The colour at a share of the way along a line, where no other crosses it. */
    private static Color line(NetworkChart chart, BufferedImage image, int layer, int from, int to, double share) {
        Point2D a = chart.place(layer, from);
        Point2D b = chart.place(layer + 1, to);
        return pixel(image, a.getX() + share * (b.getX() - a.getX()), a.getY() + share * (b.getY() - a.getY()));
    }

    private static void assertColour(Color expected, Color found) {
        int[] differences = {
            expected.getRed() - found.getRed(),
            expected.getGreen() - found.getGreen(),
            expected.getBlue() - found.getBlue()
        };
        assertTrue(Arrays.stream(differences).allMatch(d -> Math.abs(d) < 12), expected + " expected, found " + found);
    }

    /** A colour through which white shows. */
    private static Color on(Color color, double opacity) {
        return new Color(
                (int) Math.round(255 + opacity * (color.getRed() - 255)),
                (int) Math.round(255 + opacity * (color.getGreen() - 255)),
                (int) Math.round(255 + opacity * (color.getBlue() - 255)));
    }

    @Test
    void positiveWeightsAreRedAndNegativeOnesBlue() {
        NetworkChart chart = chart();
        BufferedImage image = chart.image();
        assertColour(NetworkChart.POSITIVE, line(chart, image, 0, 0, 0, 0.5));
        assertColour(on(NetworkChart.NEGATIVE, 0.5), line(chart, image, 0, 0, 1, 0.3)); // half of the largest, 2
        assertColour(NetworkChart.NEGATIVE, line(chart, image, 1, 0, 0, 0.5));
        assertColour(on(NetworkChart.POSITIVE, 0.5), line(chart, image, 1, 0, 1, 0.3));
    }

    @Test
    void whatDeadNeuronsPassOnIsTransparent() {
        NetworkChart chart = chart();
        BufferedImage image = chart.image();
        for (double share : new double[] {0.3, 0.6}) {
            assertEquals(Color.WHITE, line(chart, image, 0, 1, 1, share));
            assertEquals(Color.WHITE, line(chart, image, 1, 1, 2, share));
        }
        NEURONS[1][1] = 0.5;
        try {
            assertColour(NetworkChart.POSITIVE, line(chart, chart.image(), 1, 1, 2, 0.6)); // when it lives
        } finally {
            NEURONS[1][1] = 0;
        }
        double[][] dead = {{0, 0}, {0, 0}, {0.2, 0.7, 0.1}};
        NetworkChart nothing = new NetworkChart("", "", WEIGHTS, dead, NAMES);
        assertEquals(Color.WHITE, line(nothing, nothing.image(), 0, 0, 0, 0.5));
    }

    private static Color neuron(NetworkChart chart, BufferedImage image, int layer, int number) {
        Point2D middle = chart.place(layer, number);
        return pixel(image, middle.getX(), middle.getY());
    }

    @Test
    void neuronsAreAsDarkAsTheyAreLarge() {
        NetworkChart chart = chart();
        BufferedImage image = chart.image();
        assertColour(Style.INK, neuron(chart, image, 0, 0));
        assertColour(Color.WHITE, neuron(chart, image, 0, 1));
        assertColour(Style.INK, neuron(chart, image, 1, 0)); // the largest of its layer
        assertColour(Color.WHITE, neuron(chart, image, 1, 1));
        assertColour(on(Style.INK, 0.7), neuron(chart, image, 2, 1)); // a probability
        assertColour(on(Style.INK, 0.1), neuron(chart, image, 2, 2));
    }

    @Test
    void oneOutputHasItsWeightsAlone() {
        NetworkChart chart = chart().only(1);
        BufferedImage image = chart.image();
        assertEquals(Color.WHITE, line(chart, image, 1, 0, 0, 0.5));
        assertColour(on(NetworkChart.POSITIVE, 0.5), line(chart, image, 1, 0, 1, 0.3));
        assertColour(on(NetworkChart.POSITIVE, 0.22), line(chart, image, 0, 0, 0, 0.5)); // faint
    }

    @Test
    void drawingIsTheSameEachTime() {
        BufferedImage first = chart().image();
        BufferedImage second = chart().image();
        int width = first.getWidth();
        int height = first.getHeight();
        assertArrayEquals(
                first.getRGB(0, 0, width, height, null, 0, width), second.getRGB(0, 0, width, height, null, 0, width));
        BufferedImage other = chart().only(0).image();
        assertFalse(Arrays.equals(
                first.getRGB(0, 0, width, height, null, 0, width), other.getRGB(0, 0, width, height, null, 0, width)));
    }

    @Test
    void inputsAreAlsoAnImage() {
        double[][] neurons = {{1, 0, 0.5, 1}, {1}};
        NetworkChart chart =
                new NetworkChart("", "", new double[][][] {{{1, 1, 1, 1}}}, neurons, List.of("a")).image(2);
        BufferedImage image = chart.image();
        double side = 0.17 * chart.width(); // from 24 points from the left, in the middle of the height
        double top = 64 + (chart.height() - 64 - 74 - side) / 2;
        assertColour(Style.INK, pixel(image, 24 + side / 4, top + side / 4));
        assertColour(Color.WHITE, pixel(image, 24 + 3 * side / 4, top + side / 4));
        assertColour(on(Style.INK, 0.5), pixel(image, 24 + side / 4, top + 3 * side / 4));
        assertColour(Style.INK, pixel(image, 24 + 3 * side / 4, top + 3 * side / 4));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        double[][] two = {{1, 0}, {0.5, 0}};
        refused(() -> new NetworkChart("", "", WEIGHTS, two, NAMES), "2 layers of weights between 2 of neurons");
        double[][] wide = {{1, 0, 3}, {0.5, 0}, {0.2, 0.7, 0.1}};
        refused(() -> new NetworkChart("", "", WEIGHTS, wide, NAMES), "weights of layer 1 are not 2 x 3");
        refused(() -> new NetworkChart("", "", WEIGHTS, NEURONS, List.of("a")), "1 names of 3 outputs");
        refused(() -> chart().only(3), "output 3 of 3");
        refused(() -> chart().image(2), "2 inputs are not 2 x 2");
        refused(() -> new Animation(List.of(), 10), "without frames");
        refused(() -> new Animation(List.of(chart(), chart().size(400, 300)), 10), "800 x 450 and 400 x 300");
    }

    private static void refused(org.junit.jupiter.api.function.Executable call, String message) {
        String found = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(found != null && found.contains(message), found);
    }

    @Test
    void animationsHaveTheirFramesInOrder(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.gif");
        NetworkChart small = chart().size(400, 300);
        NetworkChart only = chart().size(400, 300).only(1);
        new Animation(List.of(small, only, only), 10).write(file);
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList(), "no temporary file is left");
        }
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            reader.setInput(in);
            assertEquals(3, reader.getNumImages(true));
            assertEquals(800, reader.getWidth(0));
            assertEquals(600, reader.getHeight(2));
            assertColour(NetworkChart.NEGATIVE, line(small, reader.read(0), 1, 0, 0, 0.5));
            assertColour(Color.WHITE, line(only, reader.read(1), 1, 0, 0, 0.5));
        } finally {
            reader.dispose();
        }
    }

    /** A GIF has 256 colours: of more, those that few pixels have become others, but near ones. */
    @Test
    void animationsKeepColours(@TempDir Path folder) throws IOException {
        Picture ramps = new Picture() {
            @Override
            public int width() {
                return 128;
            }

            @Override
            public int height() {
                return 90;
            }

            @Override
            public void paint(Graphics2D graphics) {
                for (int x = 0; x < 128; x++) {
                    graphics.setColor(new Color(255, 2 * x, 2 * x));
                    graphics.fillRect(x, 0, 1, 30);
                    graphics.setColor(new Color(2 * x, 2 * x, 255));
                    graphics.fillRect(x, 30, 1, 30);
                    for (int y = 60; y < 90; y++) {
                        graphics.setColor(new Color(2 * x, 8 * (y - 60), 100));
                        graphics.fillRect(x, y, 1, 1);
                    }
                }
            }
        };
        BufferedImage before = ramps.image();
        Path file = folder.resolve("a.gif");
        new Animation(List.of(ramps), 10).write(file);
        BufferedImage after = ImageIO.read(file.toFile());
        for (int x = 0; x < before.getWidth(); x++) {
            for (int y = 0; y < before.getHeight(); y++) {
                Color right = new Color(before.getRGB(x, y));
                Color found = new Color(after.getRGB(x, y));
                int most = y < 120 ? 4 : 80; // the ramps have fewer colours, each of more pixels
                int difference = Math.abs(right.getRed() - found.getRed())
                        + Math.abs(right.getGreen() - found.getGreen())
                        + Math.abs(right.getBlue() - found.getBlue());
                assertTrue(difference <= most * 3, right + " became " + found + " at " + x + ", " + y);
            }
        }
    }
}
