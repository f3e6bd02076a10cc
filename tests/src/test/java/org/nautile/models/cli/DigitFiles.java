package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;

/** A data set of drawn digits in the four files of MNIST, so that tests know their data whatever the machine has. */
final class DigitFiles {
    static final int TEST = 500;

    private DigitFiles() {}

    /** Writes the files, not compressed; the folder is made. */
    static Path write(Path folder, int train) throws IOException {
        Files.createDirectories(folder);
        write(folder, "train", Mnist.generate(1, train));
        write(folder, "t10k", Mnist.generate(2, TEST));
        return folder;
    }

    /** Writes a digit as a picture. */
    static Path picture(Path file, ImageDataset digits, int index) throws IOException {
        float[] pixels = digits.pixels(index);
        BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < pixels.length; i++) {
            image.getRaster().setSample(i % 28, i / 28, 0, Math.round(255 * pixels[i]));
        }
        assertTrue(ImageIO.write(image, "png", file.toFile()));
        return file;
    }

    private static void write(Path folder, String part, ImageDataset digits) throws IOException {
        int size = digits.size();
        ByteBuffer images = ByteBuffer.allocate(16 + 784 * size);
        images.putInt(0x803).putInt(size).putInt(28).putInt(28);
        ByteBuffer labels = ByteBuffer.allocate(8 + size);
        labels.putInt(0x801).putInt(size);
        for (int i = 0; i < size; i++) {
            for (float pixel : digits.pixels(i)) {
                images.put((byte) Math.round(255 * pixel));
            }
            labels.put((byte) digits.label(i));
        }
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }
}
