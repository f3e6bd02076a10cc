package org.nautile.models.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static void write(Path folder, String part, ImageDataset digits) throws IOException {
        int size = digits.size();
        ByteBuffer images = ByteBuffer.allocate(16 + 784 * size);
        images.putInt(0x803).putInt(size).putInt(28).putInt(28);
        ByteBuffer labels = ByteBuffer.allocate(8 + size);
        labels.putInt(0x801).putInt(size);
        float[] sample = new float[784];
        for (int i = 0; i < size; i++) {
            digits.sample(i, sample, 0);
            for (float pixel : sample) {
                images.put((byte) Math.round(255 * pixel));
            }
            labels.put((byte) digits.label(i));
        }
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }
}
