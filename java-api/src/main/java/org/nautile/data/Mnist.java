package org.nautile.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.io.DataException;
import org.nautile.io.Idx;

/**
 * Handwritten digits, 28 x 28 pixels: 60 000 to train on, 10 000 to test (LeCun, Bottou, Bengio and Haffner 1998). From the
 * publishers' four files, or from a generator of the same shape.
 */
public final class Mnist {
    /** The name of the data set and of its folder. */
    public static final String NAME = "mnist";

    /** The shape of an image. */
    public static final Shape IMAGE = Shape.of(1, 28, 28);

    private static final int CLASSES = 10;
    private static final int SIDE = 28;

    private Mnist() {}

    /**
     * Whether a folder holds the data set.
     *
     * @param folder a folder
     * @return true if all four files are there, compressed or not
     */
    public static boolean isIn(Path folder) {
        return List.of("train-images.idx3", "train-labels.idx1", "t10k-images.idx3", "t10k-labels.idx1").stream()
                .allMatch(name -> candidates(folder, name).stream().anyMatch(Files::isRegularFile));
    }

    /**
     * The training images.
     *
     * @param folder holds the publishers' files, with or without .gz
     * @return 60 000 images in the original
     * @throws DataException if a file is not what it should be
     * @throws IOException if a file is missing or cannot be read
     */
    public static ImageDataset train(Path folder) throws IOException {
        return load(folder, "train");
    }

    /**
     * The test images.
     *
     * @param folder holds the publishers' files, with or without .gz
     * @return 10 000 images in the original
     * @throws DataException if a file is not what it should be
     * @throws IOException if a file is missing or cannot be read
     */
    public static ImageDataset test(Path folder) throws IOException {
        return load(folder, "t10k");
    }

    private static ImageDataset load(Path folder, String part) throws IOException {
        Path imageFile = find(folder, part + "-images.idx3");
        Path labelFile = find(folder, part + "-labels.idx1");
        Idx images = Idx.read(imageFile, 3);
        Idx labels = Idx.read(labelFile, 1);
        if (!images.dims().subList(1, 3).equals(List.of(SIDE, SIDE))) {
            throw new DataException(
                    imageFile, 8, "images of " + images.dims().subList(1, 3) + " found, [28, 28] expected");
        }
        if (!images.dims().get(0).equals(labels.dims().get(0))) {
            throw new DataException(
                    labelFile,
                    4,
                    labels.dims().get(0) + " labels found, " + images.dims().get(0) + " expected, as many as images in "
                            + imageFile.getFileName());
        }
        for (int i = 0; i < labels.data().length; i++) {
            if ((labels.data()[i] & 0xFF) >= CLASSES) {
                throw new DataException(
                        labelFile, 8 + i, "label " + (labels.data()[i] & 0xFF) + " found, 0 to 9 expected");
            }
        }
        return new ImageDataset(images.data(), labels.data(), IMAGE, CLASSES);
    }

    /** The names under which a file is known: as published, and with the dot that some copies have. */
    private static List<Path> candidates(Path folder, String dotted) {
        String published = dotted.replace(".idx", "-idx");
        return List.of(
                folder.resolve(published + "-ubyte.gz"),
                folder.resolve(published + "-ubyte"),
                folder.resolve(dotted + "-ubyte"),
                folder.resolve(dotted + "-ubyte.gz"));
    }

    private static Path find(Path folder, String dotted) throws IOException {
        for (Path file : candidates(folder, dotted)) {
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new DataException(candidates(folder, dotted).get(0), "there is no such file, nor one without .gz");
    }

    /**
     * Drawn digits in place of written ones: the strokes of a digit, moved, scaled, slanted, of varying thickness and
     * brightness, with noise. Learnable, though easier than the real set.
     *
     * @param seed the same seed gives the same images
     * @param count the number of images, {@code >= 0}
     * @return images of all ten classes
     */
    public static ImageDataset generate(long seed, int count) {
        byte[] pixels = new byte[Math.multiplyExact(count, SIDE * SIDE)];
        byte[] labels = new byte[count];
        IntStream.range(0, count)
                .parallel()
                .forEach(
                        i -> { // each image has a stream of random numbers of its own
                            Generator random = new Generator(seed, i);
                            labels[i] = (byte) random.nextInt(CLASSES);
                            DrawnDigit.draw(labels[i], random, pixels, i * SIDE * SIDE);
                        });
        return new ImageDataset(pixels, labels, IMAGE, CLASSES);
    }
}
