package org.nautile.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.io.DataException;
import org.nautile.io.DataStream;
import org.nautile.io.Tar;

/**
 * Photographs of animals and vehicles, 32 x 32 pixels in colour: 50 000 to train on in five files, 10 000 to test (Krizhevsky
 * 2009). From the publisher's binary version, as many of the files as are there, or from a generator of the same shape.
 */
public final class Cifar10 {
    /** The name of the data set and of its folder. */
    public static final String NAME = "cifar-10";

    /** The shape of an image: red, green and blue. */
    public static final Shape IMAGE = Shape.of(3, 32, 32);

    /** The names of the classes. */
    public static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    /** The publisher's archive, as it is downloaded. */
    static final String ARCHIVE = "cifar-10-binary.tar.gz";

    /** The folder in the archive. */
    private static final String UNPACKED = "cifar-10-batches-bin";

    private static final String TRAIN = "data_batch_[1-5].bin";
    private static final String TEST = "test_batch.bin";

    private static final int RECORD = 1 + 3072; // the label, then the pixels
    private static final int MOST_RECORDS = 60_000; // the whole data set in one file

    private Cifar10() {}

    /**
     * Whether a folder holds the data set.
     *
     * @param folder a folder
     * @return true if the test file and at least one training file are there, compressed or not, or in its folder
     *     {@code cifar-10-batches-bin}; or the publisher's archive, {@code cifar-10-binary.tar.gz}
     */
    public static boolean isIn(Path folder) {
        boolean files =
                trainFiles(folder).findAny().isPresent() && testFile(folder).isPresent();
        return files || Files.isRegularFile(folder.resolve(ARCHIVE));
    }

    /**
     * The training images.
     *
     * @param folder holds {@code data_batch_1.bin} to {@code data_batch_5.bin}, or some of them, each with or without .gz; or the
     *     archive
     * @return 10 000 images for each file of the original, in [0, 1]
     * @throws DataException if a file is not what it should be
     * @throws IOException if no file is there or one cannot be read
     */
    public static ImageDataset train(Path folder) throws IOException {
        return load(folder, TRAIN, trainFiles(folder).toList());
    }

    /**
     * The test images.
     *
     * @param folder holds {@code test_batch.bin}, with or without .gz; or the archive
     * @return 10 000 images in the original, in [0, 1]
     * @throws DataException if the file is not what it should be
     * @throws IOException if it is missing or cannot be read
     */
    public static ImageDataset test(Path folder) throws IOException {
        return load(folder, TEST, testFile(folder).stream().toList());
    }

    private static Stream<Path> trainFiles(Path folder) {
        return IntStream.rangeClosed(1, 5).boxed().flatMap(i -> find(folder, "data_batch_" + i + ".bin").stream());
    }

    private static Optional<Path> testFile(Path folder) {
        return find(folder, TEST);
    }

    private static Optional<Path> find(Path folder, String name) {
        Path unpacked = folder.resolve(UNPACKED);
        return Stream.of(folder, unpacked)
                .flatMap(place -> Stream.of(place.resolve(name), place.resolve(name + ".gz")))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** Of the files, or else of those in the archive with names of the pattern. */
    private static ImageDataset load(Path folder, String names, List<Path> files) throws IOException {
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        ByteArrayOutputStream labels = new ByteArrayOutputStream();
        for (Path file : files) {
            try (DataStream in = new DataStream(file)) {
                read(file, in, pixels, labels);
            }
        }
        Path archive = folder.resolve(ARCHIVE);
        if (files.isEmpty() && Files.isRegularFile(archive)) {
            for (Map.Entry<String, byte[]> member : Tar.read(archive, name -> name.matches(UNPACKED + "/" + names))
                    .entrySet()) {
                Path file = archive.resolve(member.getKey());
                try (DataStream in = new DataStream(file, member.getValue())) {
                    read(file, in, pixels, labels);
                }
            }
        }
        if (labels.size() == 0) {
            String first = names.replace("[1-5]", "1");
            throw new DataException(
                    folder.resolve(first), "there is no such file, nor one with .gz, nor " + ARCHIVE + " with it");
        }
        return new ImageDataset(pixels.toByteArray(), labels.toByteArray(), IMAGE, CLASSES);
    }

    private static void read(Path file, DataStream in, ByteArrayOutputStream pixels, ByteArrayOutputStream labels)
            throws IOException {
        for (int records = 0; ; records++) {
            long start = in.offset();
            byte[] bytes = in.next(RECORD);
            if (bytes.length == 0 && records > 0) {
                return;
            }
            if (bytes.length < RECORD) {
                throw new DataException(
                        file,
                        start,
                        bytes.length + " bytes found, " + RECORD + " expected: a label and 3 x 32 x 32 pixels");
            }
            int label = bytes[0] & 0xFF;
            if (label >= CLASSES.size()) {
                throw new DataException(file, start, "label " + label + " found, 0 to 9 expected");
            }
            if (records == MOST_RECORDS) {
                throw new DataException(file, start, "more data found, at most " + MOST_RECORDS + " images expected");
            }
            labels.write(label);
            pixels.write(bytes, 1, RECORD - 1);
        }
    }

    /**
     * Drawn objects in place of photographs: ten shapes and patterns, each in colours that it has more often than others, of any
     * size, place and angle, before a background of another pattern, with noise. A convolutional network learns them well, a
     * perceptron less so.
     *
     * @param seed the same seed gives the same images
     * @param count the number of images, {@code >= 0}
     * @return images of all ten classes, which have names of their own, in [0, 1]
     */
    public static ImageDataset generate(long seed, int count) {
        int size = (int) IMAGE.size();
        byte[] pixels = new byte[Math.multiplyExact(count, size)];
        byte[] labels = new byte[count];
        IntStream.range(0, count)
                .parallel()
                .forEach(
                        i -> { // each image has a stream of random numbers of its own
                            Generator random = new Generator(seed, i);
                            labels[i] = (byte) random.nextInt(DrawnObject.NAMES.size());
                            DrawnObject.draw(labels[i], random, pixels, i * size);
                        });
        return new ImageDataset(pixels, labels, IMAGE, DrawnObject.NAMES);
    }
}
