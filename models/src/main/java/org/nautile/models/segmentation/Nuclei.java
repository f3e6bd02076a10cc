package org.nautile.models.segmentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nautile.Generator;
import org.nautile.io.DataException;

/**
 * Nuclei of cells in fluorescence images, and which pixels belong to which. Three layouts of a folder are known:
 *
 * <ul>
 *   <li>{@code images/ID.png} and {@code labels/ID.png}, the pixels of object k being k; {@code index.tsv} with the columns image_id
 *       and split (train, test), if it is there, says what is for the test
 *   <li>Kaggle's Data Science Bowl 2018, as published: {@code stage1_train/ID/images/ID.png} and {@code stage1_train/ID/masks/*.png},
 *       one mask an object
 *   <li>BioStudies S-BSST265 (Kromp et al. 2020): {@code rawimages/NAME.tif} and {@code groundtruth/NAME.tif}
 * </ul>
 *
 * Where nothing says what is for the test, it is every fifth image.
 *
 * @param train to learn from
 * @param test to measure with
 */
public record Nuclei(List<LabelledImage> train, List<LabelledImage> test) {
    /** The name of the data set and of its folder. */
    public static final String NAME = "nuclei-dsb2018";

    private static final String KAGGLE = "stage1_train";
    private static final int TEST_SHARE = 5;

    /** The folders of images and of labels. */
    private static final List<List<String>> PAIRS =
            List.of(List.of("images", "labels"), List.of("rawimages", "groundtruth"));

    /**
     * Whether a folder has one of the layouts.
     *
     * @param folder a folder
     * @return true if so
     */
    public static boolean isIn(Path folder) {
        return Files.isDirectory(folder.resolve(KAGGLE)) || PAIRS.stream().anyMatch(pair -> isPair(folder, pair));
    }

    private static boolean isPair(Path folder, List<String> pair) {
        return pair.stream().allMatch(name -> Files.isDirectory(folder.resolve(name)));
    }

    /**
     * Reads all images.
     *
     * @param folder with one of the layouts
     * @return at least one image to learn from and one to measure with
     * @throws DataException if an image cannot be read, has no labels, or labels of another size; or there are too few
     * @throws IOException if a file cannot be read
     */
    public static Nuclei load(Path folder) throws IOException {
        List<LabelledImage> all = new ArrayList<>();
        for (List<String> pair : PAIRS) {
            if (isPair(folder, pair)) {
                Path labels = folder.resolve(pair.get(1));
                for (Path image : files(folder.resolve(pair.get(0)))) {
                    all.add(labelled(image, find(labels, stem(image))));
                }
                return split(folder, all);
            }
        }
        for (Path one : entries(folder.resolve(KAGGLE))) {
            all.add(masked(one));
        }
        return split(folder, all);
    }

    // ---------------------------------------------------------------------------------------------- files

    private static LabelledImage labelled(Path imageFile, Path labelFile) throws IOException {
        RasterFile image = RasterFile.read(imageFile);
        RasterFile labels = RasterFile.read(labelFile);
        requireSameSize(labelFile, labels, imageFile, image);
        return new LabelledImage(stem(imageFile), image.height(), image.width(), image.grey(), labels.labels());
    }

    /** One folder of Kaggle's. Where masks overlap, the later one has the pixel. */
    private static LabelledImage masked(Path folder) throws IOException {
        Path imageFile = files(folder.resolve("images")).get(0);
        RasterFile image = RasterFile.read(imageFile);
        int[] labels = new int[image.height() * image.width()];
        int object = 0;
        for (Path maskFile : files(folder.resolve("masks"))) {
            RasterFile mask = RasterFile.read(maskFile);
            requireSameSize(maskFile, mask, imageFile, image);
            float[] pixels = mask.grey();
            object++;
            for (int i = 0; i < labels.length; i++) {
                if (pixels[i] > 0) {
                    labels[i] = object;
                }
            }
        }
        return new LabelledImage(folder.getFileName().toString(), image.height(), image.width(), image.grey(), labels);
    }

    private static void requireSameSize(Path maskFile, RasterFile mask, Path imageFile, RasterFile image)
            throws DataException {
        if (mask.height() != image.height() || mask.width() != image.width()) {
            throw new DataException(
                    maskFile,
                    "a mask of " + mask.width() + " x " + mask.height() + " pixels for an image of " + image.width()
                            + " x " + image.height() + ", " + imageFile);
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(
                            file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new DataException(folder, "an empty folder, images expected");
            }
            return found;
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        List<Path> images = entries(folder).stream()
                .filter(file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(png|tiff?)"))
                .toList();
        if (images.isEmpty()) {
            throw new DataException(folder, "no file that ends with .png, .tif or .tiff");
        }
        return images;
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static Path find(Path labels, String stem) throws IOException {
        for (String ending : List.of(".png", ".tif", ".tiff", ".TIF", ".PNG")) {
            Path file = labels.resolve(stem + ending);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new DataException(labels.resolve(stem + ".png"), "there is no such file, nor one that ends with .tif");
    }

    private static Nuclei split(Path folder, List<LabelledImage> all) throws IOException {
        Path index = folder.resolve("index.tsv");
        Map<String, String> splits = Files.isRegularFile(index) ? splits(index) : Map.of();
        List<LabelledImage> train = new ArrayList<>();
        List<LabelledImage> test = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            LabelledImage image = all.get(i);
            boolean forTest =
                    splits.isEmpty() ? i % TEST_SHARE == TEST_SHARE - 1 : "test".equals(splits.get(image.name()));
            (forTest ? test : train).add(image);
        }
        if (train.isEmpty() || test.isEmpty()) {
            throw new DataException(
                    folder, train.size() + " images to train on and " + test.size() + " to test; at least one each");
        }
        return new Nuclei(train, test);
    }

    private static Map<String, String> splits(Path index) throws IOException {
        List<String> lines = Files.readAllLines(index);
        List<String> columns =
                lines.isEmpty() ? List.of() : List.of(lines.get(0).split("\t", -1));
        int id = columns.indexOf("image_id");
        int split = columns.indexOf("split");
        if (id < 0 || split < 0) {
            throw new DataException(index, "columns " + columns + " found, image_id and split expected");
        }
        Map<String, String> splits = new HashMap<>();
        for (int i = 1; i < lines.size(); i++) {
            String[] fields = lines.get(i).split("\t", -1);
            if (fields.length != columns.size()) {
                throw new DataException(
                        index, "line " + (i + 1) + ": " + fields.length + " fields, " + columns.size() + " expected");
            }
            splits.put(fields[id], fields[split]);
        }
        return splits;
    }

    // ---------------------------------------------------------------------------------------------- generated

    /**
     * Drawn nuclei: ellipses of varying size and brightness, some of which touch, blurred, on an uneven background, with noise.
     *
     * @param seed the same seed gives the same images
     * @param train images to learn from
     * @param test images to measure with
     * @param side height and width, pixels
     * @return the images
     */
    public static Nuclei generate(long seed, int train, int test, int side) {
        List<LabelledImage> all = IntStream.range(0, train + test)
                .parallel()
                .mapToObj(i -> DrawnNuclei.draw("drawn-" + i, new Generator(seed, i), side))
                .toList();
        return new Nuclei(all.subList(0, train), all.subList(train, train + test));
    }

    /**
     * Fewer images to learn from.
     *
     * @param count the most to keep
     * @param tests the most to measure with
     * @return the first ones
     */
    public Nuclei limit(int count, int tests) {
        return new Nuclei(
                train.subList(0, Math.min(count, train.size())), test.subList(0, Math.min(tests, test.size())));
    }

    /**
     * The objects in several images.
     *
     * @param images the images
     * @return how many
     */
    public static int objects(List<LabelledImage> images) {
        return images.stream().mapToInt(LabelledImage::objects).sum();
    }

    @Override
    public String toString() {
        return train.size() + " images with " + objects(train) + " nuclei to train on, " + test.size() + " with "
                + objects(test) + " to test";
    }
}
