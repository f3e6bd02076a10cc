package org.nautile.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.nautile.io.DataException;
import org.nautile.io.Tar;
import org.nautile.io.TextFile;

/**
 * Texts with a label, 1 for positive and 0 for negative: sentences of film reviews (SST-2, Socher et al. 2013), or whole
 * reviews (IMDB, Maas et al. 2011).
 */
public final class Reviews {
    /** The archive of SST-2 as the GLUE benchmark (Wang et al. 2018) publishes it. */
    public static final String SST2_ARCHIVE = "SST-2.zip";

    /** The archive of IMDB as Maas et al. publish it. */
    public static final String IMDB_ARCHIVE = "aclImdb_v1.tar.gz";

    private static final Set<String> TEXT = Set.of("sentence", "text", "review");
    private static final String LABEL = "label";
    private static final Pattern RATED = Pattern.compile("\\d+_(\\d+)\\.txt");
    private static final int HIGHEST_NEGATIVE = 4; // of 10; the publishers took no review between the two
    private static final int LOWEST_POSITIVE = 7;

    private Reviews() {}

    /**
     * A text and what it says.
     *
     * @param text as in the file
     * @param label 1 for positive, 0 for negative
     */
    public record Review(String text, int label) {}

    /**
     * Reads a table, one review a line, fields separated by tabs, plain or compressed with gzip. If its first line
     * names a column {@code label}, then the texts are in the one named {@code sentence}, {@code text} or {@code
     * review}; if the first line is a review already, each has two fields, text and label.
     *
     * @param file for example sst2-train.tsv
     * @return the reviews in the order of the file
     * @throws DataException if a column is missing, a line has more or fewer fields, a text is empty, a label is
     *     neither 0 nor 1, there is no review, or it is not UTF-8
     * @throws IOException if the file cannot be read
     */
    public static List<Review> table(Path file) throws IOException {
        try (TextFile lines = new TextFile(file)) {
            return table(file, lines);
        }
    }

    /**
     * Reads a table of SST-2 from the archive of the GLUE benchmark.
     *
     * @param archive {@link #SST2_ARCHIVE}
     * @param part {@code "train"} (67 349 phrases in the original) or {@code "dev"} (872 sentences)
     * @return the reviews in the order of the table
     * @throws DataException as {@link #table} does, or if it is no zip archive with that table
     * @throws IOException if the archive cannot be read
     */
    public static List<Review> sst2(Path archive, String part) throws IOException {
        String name = "SST-2/" + part + ".tsv";
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) {
                throw new DataException(archive, "no " + name + " in it");
            }
            Path file = archive.resolve(name);
            try (InputStream in = zip.getInputStream(entry);
                    TextFile lines = new TextFile(file, in.readAllBytes())) {
                return table(file, lines);
            }
        } catch (ZipException e) {
            DataException failure = new DataException(archive, "a zip archive expected: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private static List<Review> table(Path file, TextFile lines) throws IOException {
        List<Review> reviews = new ArrayList<>();
        String line = lines.next();
        List<String> columns = line == null ? List.of() : fields(line);
        if (isHeader(columns)) {
            line = lines.next();
        } else {
            columns = List.of("sentence", LABEL);
        }
        int text = textColumn(file, columns);
        int label = columns.indexOf(LABEL);
        for (; line != null; line = lines.next()) {
            List<String> fields = fields(line);
            String problem = problem(fields, columns, text, label);
            if (problem != null) {
                throw DataException.atLine(file, lines.line(), problem);
            }
            reviews.add(new Review(fields.get(text), fields.get(label).charAt(0) - '0'));
        }
        if (reviews.isEmpty()) {
            throw new DataException(file, "no line with a review found, at least one expected");
        }
        return reviews;
    }

    private static List<String> fields(String line) {
        return List.of(line.split("\t", -1));
    }

    /** A first line is a header if it names a column, and no review of two fields. */
    private static boolean isHeader(List<String> first) {
        boolean named = first.contains(LABEL) || first.stream().anyMatch(TEXT::contains);
        boolean review = first.size() == 2 && isLabel(first.get(1));
        return named && !review;
    }

    private static int textColumn(Path file, List<String> columns) throws DataException {
        List<String> texts = columns.stream().filter(TEXT::contains).toList();
        if (texts.size() != 1 || !columns.contains(LABEL)) {
            throw DataException.atLine(
                    file, 1, "columns " + columns + " found, label and one of sentence, text, review expected");
        }
        return columns.indexOf(texts.get(0));
    }

    private static @Nullable String problem(List<String> fields, List<String> columns, int text, int label) {
        if (fields.size() != columns.size()) {
            return "fields: " + fields.size() + " found, " + columns.size() + " expected: " + columns;
        }
        if (fields.get(text).isBlank()) {
            return "an empty text found";
        }
        return isLabel(fields.get(label)) ? null : "label '" + fields.get(label) + "' found, 0 or 1 expected";
    }

    private static boolean isLabel(String field) {
        return field.equals("0") || field.equals("1");
    }

    /**
     * Reads a folder of the publishers' IMDB: {@code pos} and {@code neg} with a file for each review, named by
     * number and rating, for example {@code pos/127_9.txt}. Other folders beside the two are left alone.
     *
     * @param folder aclImdb/train or aclImdb/test
     * @return the reviews, those of neg first, by the names of their files
     * @throws DataException if one of the two folders is not there or has no review, the name of a file gives no
     *     rating or one that does not fit its folder, a text is empty or not UTF-8
     * @throws IOException if a file cannot be read
     */
    public static List<Review> folder(Path folder) throws IOException {
        List<Review> reviews = new ArrayList<>(folder(folder.resolve("neg"), false));
        reviews.addAll(folder(folder.resolve("pos"), true));
        return reviews;
    }

    /**
     * Reads a part of IMDB from the publishers' archive, which need not be unpacked.
     *
     * @param archive {@link #IMDB_ARCHIVE}
     * @param part {@code "train"} or {@code "test"}, each 25 000 reviews in the original
     * @return the reviews, those of neg first, by the names of their files
     * @throws DataException as {@link #folder(Path)} does, or if it is no such archive
     * @throws IOException if the archive cannot be read
     */
    public static List<Review> imdb(Path archive, String part) throws IOException {
        List<Review> reviews = new ArrayList<>();
        String folder = "aclImdb/" + part;
        SortedMap<String, byte[]> files = Tar.read(archive, name -> name.matches(folder + "/(neg|pos)/.+\\.txt"));
        for (Map.Entry<String, byte[]> entry : files.entrySet()) {
            Path file = archive.resolve(entry.getKey());
            try (TextFile text = new TextFile(file, entry.getValue())) {
                reviews.add(review(file, text.all(), entry.getKey().startsWith(folder + "/pos")));
            }
        }
        if (reviews.isEmpty()) {
            throw new DataException(archive, "no review of " + folder + " found in it");
        }
        return reviews;
    }

    private static List<Review> folder(Path folder, boolean positive) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder, "there is no such folder, one of reviews expected");
        }
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        List<Review> reviews = new ArrayList<>();
        for (Path file : files) {
            reviews.add(review(file, TextFile.read(file), positive));
        }
        if (reviews.isEmpty()) {
            throw new DataException(folder, "no review found, files as <number>_<rating>.txt expected");
        }
        return reviews;
    }

    private static Review review(Path file, String text, boolean positive) throws DataException {
        Matcher name = RATED.matcher(String.valueOf(file.getFileName()));
        int rating = name.matches() && name.group(1).length() <= 2 ? Integer.parseInt(name.group(1)) : -1;
        int lowest = positive ? LOWEST_POSITIVE : 1;
        int highest = positive ? 10 : HIGHEST_NEGATIVE;
        if (rating < lowest || rating > highest) {
            throw new DataException(
                    file, "a name as <number>_<rating>.txt expected, with a rating of " + lowest + " to " + highest);
        }
        if (text.isBlank()) {
            throw new DataException(file, "an empty text found");
        }
        return new Review(text.strip(), positive ? 1 : 0);
    }
}
