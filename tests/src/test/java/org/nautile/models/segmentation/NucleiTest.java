package org.nautile.models.segmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.Shape;
import org.nautile.data.RealData;
import org.nautile.io.DataException;
import org.nautile.models.metrics.Confusion;

/** Folders in all layouts with small images, damaged ones, drawn nuclei, and the real ones where they are. */
class NucleiTest {
    @TempDir
    private Path folder = Path.of("");

    private static void write(Path file, int type, int height, int width, int... values) throws IOException {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int i = 0; i < height * width; i++) {
            for (int band = 0; band < image.getRaster().getNumBands(); band++) {
                image.getRaster().setSample(i % width, i / width, band, band == 3 ? 255 : values[i]);
            }
        }
        Files.createDirectories(file.getParent());
        String format = file.toString().endsWith(".png") ? "png" : "tiff";
        assertTrue(ImageIO.write(image, format, file.toFile()), format);
    }

    private static final int GREY = BufferedImage.TYPE_BYTE_GRAY;
    private static final int DEEP = BufferedImage.TYPE_USHORT_GRAY;
    private static final int COLOUR = BufferedImage.TYPE_4BYTE_ABGR;

    private void pair(String images, String labels, String name, String ending) throws IOException {
        write(folder.resolve(images).resolve(name + ending), GREY, 2, 3, 10, 20, 30, 40, 50, 60);
        write(folder.resolve(labels).resolve(name + ending), DEEP, 2, 3, 0, 7, 7, 300, 0, 2);
    }

    @Test
    void imagesBesideLabels() throws IOException {
        assertFalse(Nuclei.isIn(folder));
        pair("images", "labels", "a", ".png");
        pair("images", "labels", "b", ".png");
        pair("images", "labels", "c", ".png");
        Files.writeString(folder.resolve("index.tsv"), "split\timage_id\ntest\tb\ntrain\ta\ntrain\tc\n");
        assertTrue(Nuclei.isIn(folder));
        Nuclei nuclei = Nuclei.load(folder);
        assertEquals(List.of("a", "c"), names(nuclei.train()));
        assertEquals(List.of("b"), names(nuclei.test()));
        LabelledImage b = nuclei.test().get(0);
        assertEquals(2, b.height());
        assertEquals(3, b.width());
        assertArrayEquals(new float[] {10, 20, 30, 40, 50, 60}, b.pixels());
        assertArrayEquals(new int[] {0, 2, 2, 3, 0, 1}, b.labels(), "in the order of their values");
        assertEquals(3, b.objects());
    }

    @Test
    void tiffFilesOfTheSecondLayout() throws IOException {
        for (int i = 0; i < 10; i++) {
            pair("rawimages", "groundtruth", "n" + i, ".tif");
        }
        write(folder.resolve("rawimages/n3.tif"), DEEP, 2, 3, 1000, 2000, 65535, 4, 5, 6);
        write(folder.resolve("rawimages/n5.tif"), COLOUR, 2, 3, 1, 2, 255, 4, 5, 6);
        write(folder.resolve("groundtruth/n5.tif"), COLOUR, 2, 3, 0, 9, 9, 9, 1, 0);
        Nuclei nuclei = Nuclei.load(folder);
        assertEquals(List.of("n4", "n9"), names(nuclei.test()), "every fifth");
        assertEquals(8, nuclei.train().size());
        assertArrayEquals(
                new float[] {1000, 2000, 65535, 4, 5, 6}, nuclei.train().get(3).pixels());
        LabelledImage colour = nuclei.train().get(4);
        assertEquals("n5", colour.name());
        assertArrayEquals(new float[] {1, 2, 255, 4, 5, 6}, colour.pixels());
        assertArrayEquals(new int[] {0, 2, 2, 2, 1, 0}, colour.labels());
    }

    @Test
    void oneMaskAnObjectAsPublishedByKaggle() throws IOException {
        for (String id : List.of("a", "b", "c", "d", "e")) {
            Path one = folder.resolve("stage1_train").resolve(id);
            write(one.resolve("images").resolve(id + ".png"), COLOUR, 1, 4, 1, 2, 3, 4);
            write(one.resolve("masks/0.png"), GREY, 1, 4, 255, 255, 0, 0);
            write(one.resolve("masks/1.png"), GREY, 1, 4, 0, 0, 0, 255);
        }
        assertTrue(Nuclei.isIn(folder));
        Nuclei nuclei = Nuclei.load(folder);
        assertEquals(List.of("e"), names(nuclei.test()));
        assertArrayEquals(new int[] {1, 1, 0, 2}, nuclei.test().get(0).labels());
        assertArrayEquals(new float[] {1, 2, 3, 4}, nuclei.test().get(0).pixels());
        Path masks = folder.resolve("stage1_train/c/masks");
        write(masks.resolve("1.png"), GREY, 2, 2, 0, 0, 0, 255);
        refused(masks.resolve("1.png") + ": a mask of 2 x 2 pixels for an image of 4 x 1, "
                + folder.resolve("stage1_train/c/images/c.png"));
    }

    private static List<String> names(List<LabelledImage> images) {
        return images.stream().map(LabelledImage::name).toList();
    }

    private void refused(String message) {
        assertEquals(
                message,
                assertThrows(DataException.class, () -> Nuclei.load(folder)).getMessage());
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        Path labels = Files.createDirectories(folder.resolve("labels"));
        assertTrue(Nuclei.isIn(folder));
        refused(images + ": an empty folder, images expected");
        Files.writeString(images.resolve("readme.txt"), "nothing");
        refused(images + ": no file that ends with .png, .tif or .tiff");
        Path image = images.resolve("a.png");
        write(image, GREY, 2, 3, 1, 2, 3, 4, 5, 6);
        refused(labels.resolve("a.png") + ": there is no such file, nor one that ends with .tif");
        write(labels.resolve("a.png"), GREY, 3, 2, 1, 2, 3, 4, 5, 6);
        refused(labels.resolve("a.png") + ": a mask of 2 x 3 pixels for an image of 3 x 2, " + image);
        write(labels.resolve("a.png"), GREY, 2, 3, 0, 0, 0, 0, 1, 1);
        refused(folder + ": 1 images to train on and 0 to test; at least one each");
        byte[] whole = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(whole, whole.length / 2));
        String message = String.valueOf(
                assertThrows(DataException.class, () -> Nuclei.load(folder)).getMessage());
        assertTrue(message.startsWith(image + ": not a readable image: "), message);
        Files.writeString(image, "no image at all");
        refused(image + ": not a readable image: neither PNG nor TIFF");
        Files.write(image, whole);
        Path index = folder.resolve("index.tsv");
        Files.writeString(index, "image_id\tpart\n");
        refused(index + ": columns [image_id, part] found, image_id and split expected");
        Files.writeString(index, "image_id\tsplit\na\n");
        refused(index + ": line 2: 1 fields, 2 expected");
    }

    @Test
    void scaleIsTheImagesOwn() {
        float[] pixels = new float[1000];
        for (int i = 0; i < 1000; i++) {
            pixels[i] = 500 + 2 * i;
        }
        pixels[999] = 1e6F; // hot
        LabelledImage image = new LabelledImage("x", 10, 100, pixels, new int[1000]).normalised();
        assertEquals(0, image.pixels()[9], 1e-6);
        assertEquals(1, image.pixels()[997], 1e-6);
        assertEquals(3, image.pixels()[999]);
        float[] flat = new LabelledImage("x", 1, 3, new float[] {4, 4, 4}, new int[3])
                .normalised()
                .pixels();
        assertArrayEquals(new float[3], flat);
    }

    /** Image, mask, weights and classes of a crop belong together, whatever the flips. */
    @Test
    void cropsFollowFromExampleAndEpoch() {
        int height = 40;
        int width = 56;
        float[] pixels = new float[height * width];
        int[] labels = new int[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i;
            labels[i] = i % 3;
        }
        LabelledImage image = new LabelledImage("x", height, width, pixels, labels);
        Crops crops = new Crops(List.of(image, image), 16, 1, false, 5);
        assertEquals(18, crops.size(), "twice 40 * 56 / 256, rounded");
        assertEquals(Shape.of(3, 16, 16), crops.sampleShape());
        float[] normalised = image.normalised().pixels();
        List<float[]> seen = new ArrayList<>();
        int flips = 0;
        for (int index = 0; index < crops.size(); index++) {
            float[] x = new float[3 * 256];
            long[] y = new long[256];
            crops.example(index, 2, x, 0, y, 0);
            int first = indexOf(normalised, x[0]);
            boolean down = indexOf(normalised, x[16]) > first;
            boolean right = indexOf(normalised, x[1]) > first;
            flips |= 1 << ((down ? 2 : 0) + (right ? 1 : 0));
            for (int i = 0; i < 256; i++) {
                int at = first + (down ? 1 : -1) * (i / 16) * width + (right ? 1 : -1) * (i % 16);
                assertEquals(normalised[at], x[i]);
                assertEquals(labels[at] > 0 ? 1 : 0, x[256 + i]);
                assertEquals(labels[at] > 0 ? 1 : 0, y[i]);
            }
            seen.add(x);
        }
        assertEquals(0b1111, flips, "all four ways of flipping");
        float[] again = new float[3 * 256];
        new Crops(List.of(image, image), 16, 1, false, 5).example(7, 2, again, 0, new long[256], 0);
        assertArrayEquals(seen.get(7), again);
        crops.example(7, 3, again, 0, new long[256], 0);
        assertFalse(Arrays.equals(seen.get(7), again), "another epoch is another crop");
        assertFalse(Arrays.equals(seen.get(7), seen.get(8)));
    }

    private static int indexOf(float[] values, float value) {
        return IntStream.range(0, values.length)
                .filter(i -> values[i] == value)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void threeClassesHaveABorderOfTwoPixels() {
        int[] labels = new int[12 * 20];
        for (int i = 0; i < labels.length; i++) {
            int row = i / 20;
            int col = i % 20;
            labels[i] =
                    row >= 2 && row < 10 && col >= 2 ? (col < 10 ? 1 : 2) : 0; // two squares that touch, one cut off
        }
        LabelledImage image = new LabelledImage("x", 12, 20, new float[240], labels);
        Crops crops = new Crops(List.of(image), 12, 3, true, 0);
        long[] y = new long[144];
        crops.target(0, y, 0);
        StringBuilder middle = new StringBuilder();
        StringBuilder top = new StringBuilder();
        for (int col = 0; col < 12; col++) { // columns 4 to 15 of the image
            middle.append(y[6 * 12 + col]);
            top.append(y[3 * 12 + col]);
        }
        assertEquals("111122221111", middle.toString());
        assertEquals("222222222222", top.toString());
        float[] x = new float[3 * 144];
        crops.sample(0, x, 0);
        assertEquals(1 + 10 * Math.exp(-1.0 / 50), x[2 * 144 + 6 * 12 + 5], 1e-5, "the weight beside another object");
    }

    @Test
    void drawnNucleiFollowFromTheSeed() {
        Nuclei nuclei = Nuclei.generate(1, 6, 2, 96);
        assertEquals(6, nuclei.train().size());
        int touching = 0;
        for (LabelledImage image : nuclei.train()) {
            assertTrue(image.objects() >= 2 && image.objects() < 40, image.objects() + " objects");
            touching += image.objects()
                    - Instances.match(image.labels(), Instances.components(image.mask(), 96, 1))
                            .predicted();
            double inside = 0;
            double outside = 0;
            int count = 0;
            for (int i = 0; i < image.pixels().length; i++) {
                assertTrue(image.pixels()[i] >= 0 && image.pixels()[i] <= 255);
                inside += image.labels()[i] > 0 ? image.pixels()[i] : 0;
                outside += image.labels()[i] > 0 ? 0 : image.pixels()[i];
                count += image.labels()[i] > 0 ? 1 : 0;
            }
            assertTrue(inside / count > 1.5 * outside / (96 * 96 - count));
        }
        assertTrue(touching > 5, "some touch: " + touching);
        Nuclei same = Nuclei.generate(1, 4, 2, 96);
        assertArrayEquals(nuclei.train().get(3).pixels(), same.train().get(3).pixels());
        assertNotEquals(
                Arrays.hashCode(nuclei.train().get(0).pixels()),
                Arrays.hashCode(Nuclei.generate(2, 1, 1, 96).train().get(0).pixels()));
        Nuclei less = nuclei.limit(2, 1);
        assertEquals(2, less.train().size());
        assertEquals(1, less.test().size());
        assertEquals(nuclei.train().get(0).objects() + nuclei.train().get(1).objects(), Nuclei.objects(less.train()));
    }

    /** What needs no learning reaches on real images. */
    @Test
    void realNuclei() throws IOException {
        Nuclei nuclei = Nuclei.load(RealData.folder(Nuclei.NAME, Nuclei::isIn));
        assertEquals(155, nuclei.train().size());
        assertEquals(38, nuclei.test().size());
        assertEquals(7014, Nuclei.objects(nuclei.train()) + Nuclei.objects(nuclei.test()));
        Confusion otsu = Confusion.NONE;
        Confusion means = Confusion.NONE;
        for (LabelledImage image : nuclei.test()) {
            otsu = otsu.plus(Confusion.of(image.mask(), Clusters.otsuMask(image.pixels())));
            means = means.plus(Confusion.of(image.mask(), Clusters.kMeansMask(image.pixels())));
        }
        assertEquals(0.757, otsu.iou(), 0.002);
        assertEquals(0.757, means.iou(), 0.02); // two means are nearly Otsu's threshold
    }
}
