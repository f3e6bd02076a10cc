package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.Shape;

/** Images of files become the numbers of their colours, and means of them at another size. */
class ImageFileTest {
    @TempDir
    private Path folder = Path.of("");

    private float[] read(BufferedImage image, long... shape) throws IOException {
        Path file = folder.resolve("image.png");
        ImageIO.write(image, "png", file.toFile());
        return ImageFile.read(file, Shape.of(shape));
    }

    @Test
    void coloursAreChannels() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xFF0000);
        image.setRGB(1, 0, 0x0033FF);
        assertArrayEquals(new float[] {1, 0, 0, 0.2F, 0, 1}, read(image, 3, 1, 2), 1e-6F);
        assertArrayEquals(new float[] {0.299F, 0.587F * 0.2F + 0.114F}, read(image, 1, 1, 2), 1e-6F);
    }

    @Test
    void greyStaysAsItIs() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < 3; x++) {
            image.getRaster().setSample(x, 0, 0, 51 * x);
        }
        assertArrayEquals(new float[] {0, 0.2F, 0.4F}, read(image, 1, 1, 3), 1e-6F);
        assertArrayEquals(new float[] {0, 0.2F, 0.4F, 0, 0.2F, 0.4F, 0, 0.2F, 0.4F}, read(image, 3, 1, 3), 1e-6F);
    }

    @Test
    void transparentIsWhite() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00000000);
        image.setRGB(1, 0, 0x66000000); // black, two fifths
        assertArrayEquals(new float[] {1, 0.6F}, read(image, 1, 1, 2), 1e-6F);
    }

    @Test
    void greyKeepsTheProportions() throws IOException {
        BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSample(0, 0, 0, 204);
        image.getRaster().setSample(7, 3, 0, 255);
        Path file = folder.resolve("image.png");
        ImageIO.write(image, "png", file.toFile());
        ImageFile.Grey small = ImageFile.readGrey(file, 4);
        assertEquals(4, small.width());
        assertEquals(2, small.height());
        assertArrayEquals(new float[] {0.2F, 0, 0, 0, 0, 0, 0, 0.25F}, small.pixels(), 1e-6F);
        ImageFile.Grey whole = ImageFile.readGrey(file, 100);
        assertEquals(8, whole.width());
        assertEquals(0.8F, whole.pixels()[0], 1e-6F);
    }

    @Test
    void otherSizesAreMeans() throws IOException {
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
        int[] levels = {0, 51, 102, 153, 204, 255};
        for (int i = 0; i < 6; i++) {
            image.getRaster().setSample(i % 3, i / 3, 0, levels[i]);
        }
        assertArrayEquals(new float[] {0.3F, 0.5F, 0.7F}, read(image, 1, 1, 3), 1e-6F, "means of columns");
        // two of three columns: one and a half each
        assertArrayEquals(
                new float[] {0.2F / 3, 1 / 3F, 2 / 3F, 2.8F / 3}, read(image, 1, 2, 2), 1e-6F, "a column and a half");
        float[] larger = read(image, 1, 4, 6);
        assertEquals(0, larger[0]);
        assertEquals(0, larger[7]);
        assertEquals(1, larger[23]);
    }
}
