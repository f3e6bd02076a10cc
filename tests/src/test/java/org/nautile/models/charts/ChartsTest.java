package org.nautile.models.charts;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pictures have their size, show something, and survive data that charts do not like. */
@Timeout(60)
class ChartsTest {
    @BeforeAll
    static void fonts() {
        System.setProperty("java.awt.headless", "true");
        Optional<String> obstacle = Picture.obstacle();
        Assumptions.assumeTrue(obstacle.isEmpty(), () -> "SKIPPED: " + obstacle.orElse("") + "; " + Picture.REMEDY);
    }

    private static double[] upTo(int n) {
        return IntStream.rangeClosed(1, n).asDoubleStream().toArray();
    }

    /** How many pixels have about this colour. */
    private static long count(Picture picture, Color color) {
        BufferedImage image = picture.image();
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return Arrays.stream(pixels)
                .mapToObj(Color::new)
                .filter(pixel -> Math.abs(pixel.getRed() - color.getRed()) < 24
                        && Math.abs(pixel.getGreen() - color.getGreen()) < 24
                        && Math.abs(pixel.getBlue() - color.getBlue()) < 24)
                .count();
    }

    @Test
    void filesAreImagesOfDoubleResolution(@TempDir Path folder) throws Exception {
        Picture picture = new Row(
                "two",
                new LineChart("a", "x", "y").add("s", upTo(5), upTo(5)),
                new LineChart("b", "x", "y").add("s", upTo(5), upTo(5)));
        Path file = folder.resolve("p.png");
        picture.write(file);
        BufferedImage image = ImageIO.read(file.toFile());
        assertEquals(2 * picture.width(), image.getWidth());
        assertEquals(2 * picture.height(), image.getHeight());
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList(), "no temporary file is left");
        }
    }

    @Test
    void eachLineHasItsColour() {
        LineChart chart = new LineChart("a", "x", "y");
        for (int i = 0; i < 3; i++) {
            double level = i;
            chart.add(
                    "line " + i, upTo(9), Arrays.stream(upTo(9)).map(x -> level).toArray());
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(count(chart, Style.SERIES[i]) > 500, "line " + i);
        }
        assertTrue(count(chart, Style.SERIES[3]) < 500, "a line that is not there");
    }

    /** A line from 0.1 to 0.2 goes through most of its own chart, and through a tenth of one that also shows 0 and 1. */
    @Test
    void rangeIsShownAlsoWhereNoLineIs() {
        double[] y = {0.1, 0.2};
        int own =
                rows(new LineChart("t", "x", "y").add("s", upTo(2), y).percent().image());
        int part = rows(new LineChart("t", "x", "y")
                .add("s", upTo(2), y)
                .percent()
                .range(0, 1)
                .image());
        assertTrue(own > 400 && part > 40 && part < own / 6, own + " and " + part + " rows");
    }

    /** From the first row with the colour of the first line to the last. */
    private static int rows(BufferedImage image) {
        int[] found = IntStream.range(0, image.getHeight())
                .filter(y -> IntStream.range(0, image.getWidth())
                        .anyMatch(x -> (image.getRGB(x, y) & 0xFFFFFF) == (Style.SERIES[0].getRGB() & 0xFFFFFF)))
                .toArray();
        return found[found.length - 1] - found[0] + 1;
    }

    @Test
    void dataThatChartsDoNotLike() {
        double nan = Double.NaN;
        double infinity = Double.POSITIVE_INFINITY;
        for (double[] y : new double[][] {
            {1},
            {0},
            {nan},
            {infinity},
            {2, 2, 2},
            {nan, nan},
            {1, nan, 3},
            {1, infinity, 2},
            {1e-12, 2e-12},
            {-1e30, 1e30},
            {1, 1 + 1e-12}
        }) {
            for (boolean percent : new boolean[] {false, true}) {
                LineChart chart = new LineChart("t", "x", "y").add("s", upTo(y.length), y);
                assertDoesNotThrow(() -> (percent ? chart.percent() : chart.logarithmic()).image(), Arrays.toString(y));
            }
        }
        LineChart chart = new LineChart("t", "x", "y");
        assertThrows(IllegalArgumentException.class, () -> chart.add("s", new double[0], new double[0]));
        assertThrows(IllegalArgumentException.class, () -> chart.add("s", upTo(2), upTo(3)));
    }

    /** One map is red on its left half, one blue; a name that is too long does not widen the picture. */
    @Test
    void attributionsAreRedAndBlue() {
        double[] left = {1, 0, 1, 0};
        double[] right = {0, -2, 0, -2};
        AttributionChart chart = new AttributionChart("t", "s", "u", List.of("a", "b"));
        int narrow = chart.width();
        String name = "a name of a file that is much too long.png";
        chart.add(new float[4], 1, 2, 2, name, "", 1, new double[][] {left, right}, List.of("f", "g"));
        assertEquals(2, chart.scale());
        assertEquals(narrow, chart.width());
        assertTrue(count(chart, new Color(0x1F, 0x5F, 0xC8)) > 10_000, "blue at the end of the scale");
        assertTrue(count(chart, new Color(0xEC, 0x8E, 0xA2)) > 10_000, "red, half as strong");
        assertTrue(count(chart, new Color(0xD8, 0x1B, 0x45)) < 2000, "as strong in the bar alone");
        double[][] one = {left};
        assertThrows(
                IllegalArgumentException.class, () -> chart.add(new float[4], 1, 2, 2, "", "", 0, one, List.of("f")));
    }

    @Test
    void confusionIsBlueOnTheDiagonalAndOrangeBeside() {
        int[] labels = {0, 0, 0, 1, 1, 1};
        List<String> names = List.of("a", "b", "c"); // c never occurs
        MatrixChart right = MatrixChart.confusion("t", labels, labels, names);
        assertTrue(count(right, Style.BLUE) > 2 * 90 * 90);
        assertEquals(0, count(right, Style.ORANGE));
        MatrixChart wrong = MatrixChart.confusion("t", labels, new int[] {1, 1, 1, 0, 0, 0}, names);
        assertEquals(0, count(wrong, Style.BLUE));
        assertTrue(count(wrong, Style.ORANGE) > 2 * 90 * 90);
    }

    @Test
    void matrixOfOtherSizeThanItsNamesIsRefused() {
        List<String> two = List.of("a", "b");
        double[][] shades = {{0, 0}, {0, 0}};
        String[][] texts = {{"", ""}, {"", ""}};
        assertDoesNotThrow(() -> new MatrixChart("t", "", "r", "c", two, two, shades, texts).image());
        List<String> three = List.of("a", "b", "c");
        assertThrows(
                IllegalArgumentException.class, () -> new MatrixChart("t", "", "r", "c", three, two, shades, texts));
        assertThrows(
                IllegalArgumentException.class, () -> new MatrixChart("t", "", "r", "c", two, three, shades, texts));
        MatrixChart chart = new MatrixChart("t", "", "r", "c", two, two, shades, texts);
        assertThrows(IllegalArgumentException.class, () -> chart.notes("n", three));
    }

    @Test
    void gridsShowGreyAndColour() {
        float[] white = new float[28 * 28];
        Arrays.fill(white, 0.4F);
        ImageGrid grey = new ImageGrid("t", "s", 2).add(white, 1, 28, 28, "a", "b");
        assertTrue(count(grey, new Color(102, 102, 102)) > 6 * 6 * 28 * 28 / 2);
        float[] red = new float[3 * 5 * 4];
        Arrays.fill(red, 0, 20, 1);
        ImageGrid colour = new ImageGrid("t", "s", 1).add(red, 3, 5, 4, "a", "b");
        assertTrue(count(colour, Color.RED) > 4000);
        float[] large = new float[300 * 400];
        assertDoesNotThrow(
                () -> new ImageGrid("t", "", 3).add(large, 1, 300, 400, "", "").image());
        assertDoesNotThrow(() -> new ImageGrid("no images", "", 3).image());
        assertThrows(IllegalArgumentException.class, () -> new ImageGrid("t", "", 1).add(red, 2, 5, 6, "", ""));
        assertThrows(IllegalArgumentException.class, () -> new ImageGrid("t", "", 1).add(red, 1, 5, 6, "", ""));
    }

    @Test
    void rooflineHasASlopePerLevelAndAPointPerWork() {
        RooflineChart roofs = new RooflineChart("t", 100).level("L1", 200).level("memory", 10);
        long slopes = count(roofs, Style.SERIES[1]);
        assertTrue(slopes > 1000, "the slope of the memory: " + slopes);
        assertEquals(0, count(roofs, Style.SERIES[2]), "a level that is not there");
        for (int i = 0; i < 40; i++) { // all in one place: the names cannot all have room
            roofs.point("work " + i, 1 + 1e-3 * i, 5, 1);
        }
        assertTrue(count(roofs, Style.SERIES[1]) > slopes + 200, "points");
        assertThrows(IllegalArgumentException.class, () -> roofs.point("p", 0, 1, 0), "no place on the axis");
        assertThrows(IllegalArgumentException.class, () -> roofs.point("p", 1, Double.NaN, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> roofs.point("p", 1, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> roofs.level("L", 0));
        assertDoesNotThrow(() -> new RooflineChart("nothing", 1e-3).image());
        assertDoesNotThrow(() -> new RooflineChart("above", 1)
                .level("memory", 1e6)
                .point("p", 1e-9, 1e9, 0)
                .image());
    }

    @Test
    void laddersHaveABarPerRungAndALinePerRoof() {
        LadderChart one = new LadderChart("t", "w").bar("slow", 1, false).bar("fast", 100, false);
        long bars = count(one, Style.SERIES[0]);
        assertTrue(bars > 10_000, "bars: " + bars);
        assertEquals(0, count(one, Style.SERIES[3]), "a roof that is not there");
        LadderChart two = new LadderChart("t", "w").bar("slow", 1, false).bar("fast", 1e4, false);
        assertEquals(
                (double) count(two, Style.SERIES[0]),
                (double) bars,
                bars / 3.0,
                "an axis without zero: the last bar is as long");
        assertTrue(count(one.roof("roof", 1000), Style.SERIES[3]) > 100, "its line");
        assertTrue(count(one, Style.SERIES[0]) < bars, "the axis has room for the roof");
        assertEquals(0, count(one, Style.SERIES[1]));
        assertTrue(count(one.bar("theirs", 200, true), Style.SERIES[1]) > 1000, "the other colour");
        int height = one.height();
        assertTrue(one.bar("wrong", Double.NaN, false).height() > height, "a place for what was not timed");
        assertDoesNotThrow(one::image);
        assertThrows(IllegalArgumentException.class, () -> one.roof("roof", Double.NaN));
        assertDoesNotThrow(() -> new LadderChart("nothing", "").image());
    }

    @Test
    void gridsHaveRowsOfEqualCells() {
        LineChart small =
                new LineChart("a", "x", "y").add("s", upTo(5), upTo(5)).size(300, 200);
        LineChart large =
                new LineChart("b", "x", "y").add("s", upTo(5), upTo(5)).size(400, 160);
        Grid grid = new Grid("three", 2, List.of(small, large, small));
        assertEquals(2 * 400, grid.width());
        assertEquals(44 + 2 * 200, grid.height());
        assertTrue(count(grid, Style.SERIES[0])
                > 1.9 * (count(small, Style.SERIES[0]) + count(large, Style.SERIES[0])) / 2);
        assertThrows(IllegalArgumentException.class, () -> new Grid("none", 2, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Grid("none", 0, List.of(small)));
    }

    @Test
    void pointsHaveTheColourOfTheirClass() {
        double[][] points = {{0, 0}, {1, 0}, {2, 0}, {3, 1}, {4, 1}, {5, 1}};
        ScatterChart chart = new ScatterChart("t", "s", points, new int[] {0, 0, 0, 1, 1, 1}, List.of("a", "b"));
        Color blue = new Color(0x69, 0x94, 0xC5); // through which white shows
        Color orange = new Color(0xEA, 0x9D, 0x55);
        assertTrue(count(chart, blue) > 100, "points of class a: " + count(chart, blue));
        assertTrue(count(chart, orange) > 100, "points of class b: " + count(chart, orange));
        double[][] one = {{7, 7}};
        assertDoesNotThrow(() -> new ScatterChart("t", "", one, new int[] {0}, List.of("a")).image());
        double[][] bad = {{7, Double.NaN}};
        assertThrows(IllegalArgumentException.class, () -> new ScatterChart("t", "", bad, new int[] {0}, List.of("a")));
        assertThrows(IllegalArgumentException.class, () -> new ScatterChart("t", "", one, new int[2], List.of("a")));
    }

    /** Both charts show the same part of the plane, whatever points there are. */
    @Test
    void pointsBeyondTheShownPartAreLeftOut() {
        double[][] points = {{0.5, 0.5}, {0.5, 3}};
        BufferedImage image = new ScatterChart("", "", points, new int[] {0, 1}, List.of())
                .within(1)
                .image();
        int blue = 0;
        int orange = 0;
        for (int i = 0; i < image.getWidth() * image.getHeight(); i++) {
            Color color = new Color(image.getRGB(i % image.getWidth(), i / image.getWidth()));
            boolean strong = Math.abs(color.getRed() - color.getBlue()) > 60;
            blue += strong && color.getBlue() > color.getRed() ? 1 : 0;
            orange += strong && color.getBlue() < color.getRed() ? 1 : 0;
        }
        assertTrue(blue > 20, "pixels of the point inside: " + blue);
        assertEquals(0, orange, "pixels of the point outside");
    }

    /** Half of the plane is of each class; one point lies in the wrong half, another beyond the edge. */
    @Test
    void regionsHaveColoursABorderAndPoints() {
        int side = 40;
        double half = 2;
        float[] middles = RegionChart.middles(half, side);
        assertEquals(-1.95F, middles[0], 1e-6F);
        assertEquals(1.95F, middles[1], 1e-6F, "from the top");
        double[] probabilities = new double[side * side];
        Arrays.setAll(probabilities, i -> middles[2 * i] > 0 ? 1 : 0);
        RegionChart chart = new RegionChart("", "", half, probabilities, new float[] {1, 1, 9, 9}, 0, 0);
        BufferedImage image = chart.image();
        int middle = 2 * (8 + 83); // pixels: of the plane, along both axes
        Color left = new Color(image.getRGB(middle - 40, middle));
        Color right = new Color(image.getRGB(middle + 40, middle));
        assertTrue(left.getRed() > left.getBlue() + 40, left::toString);
        assertTrue(right.getBlue() > right.getRed() + 40, right::toString);
        Color border = new Color(image.getRGB(middle, middle + 40));
        assertTrue(border.getRed() + border.getGreen() + border.getBlue() < 300, border::toString);
        Color point = new Color(image.getRGB(middle + 83, middle - 83));
        assertTrue(point.getRed() > point.getBlue() + 100, point::toString);
        assertTrue(count(chart, Style.ORANGE) < 200, "one point");
        assertThrows(IllegalArgumentException.class, () -> new RegionChart("", "", 1, new double[3], new float[0]));
        assertThrows(IllegalArgumentException.class, () -> new RegionChart("", "", 1, new double[4], new float[3], 1));
    }

    @Test
    void captionsStandUnderPictures() {
        LineChart chart =
                new LineChart("a", "x", "y").add("s", upTo(5), upTo(5)).size(300, 200);
        Captioned captioned = new Captioned(chart, "first", "second");
        assertEquals(chart.width(), captioned.width());
        BufferedImage image = captioned.image();
        int dark = 0;
        for (int y = 2 * chart.height(); y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                dark += new Color(image.getRGB(x, y)).getRed() < 100 ? 1 : 0;
            }
        }
        assertTrue(dark > 100, "letters: " + dark);
    }

    @Test
    void legendsCanBeLeftOut() {
        LineChart with =
                new LineChart("a", "x", "y").add("long name", upTo(5), upTo(5)).add("u", upTo(5), upTo(5));
        long inked = count(with, Style.INK);
        assertTrue(count(with.withoutLegend(), Style.INK) < inked - 100);
    }

    @Test
    void mappingsJoinLines() {
        MappingChart.Curve curve = new MappingChart.Curve("c", new double[] {-1, 0, 1}, new double[] {0, 1, 0});
        BufferedImage empty = new MappingChart("t", "s", curve, curve).image();
        BufferedImage joined = new MappingChart("t", "s", curve, curve)
                .stretch(-0.5, 0, 0, 0.5)
                .point(-0.8, 0.9)
                .image();
        int between = 2 * 245; // pixels from the top: half-way between the lines
        List<Integer> coloured = new ArrayList<>();
        for (int x = 0; x < empty.getWidth(); x++) {
            assertEquals(Color.WHITE.getRGB(), empty.getRGB(x, between), "nothing is joined");
            if (joined.getRGB(x, between) != Color.WHITE.getRGB()) {
                coloured.add(x);
            }
        }
        // the stretch goes from x in [-0.5, 0] to [0, 0.5]: half-way it is [-0.25, 0.25], of 552 points from -1 to 1
        int least = 2 * (34 + 552 * 3 / 8);
        int most = 2 * (34 + 552 * 5 / 8);
        assertEquals(least, coloured.get(0), 4);
        assertEquals(most, coloured.get(coloured.size() - 1), 4);
        assertThrows(
                IllegalArgumentException.class,
                () -> new MappingChart("", "", curve, new MappingChart.Curve("", new double[1], new double[1])));
    }

    @Test
    void logarithmicAxesTakeAnyRates() {
        double[] rates = {1e-6, 1e-3, 1};
        assertDoesNotThrow(() -> new LineChart("t", "x", "y")
                .add("s", rates, upTo(3))
                .add("u", rates, upTo(3))
                .logarithmicX()
                .legendOutside()
                .image());
    }
}
