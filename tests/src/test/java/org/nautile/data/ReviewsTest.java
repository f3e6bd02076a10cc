package org.nautile.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.data.Reviews.Review;
import org.nautile.io.DataException;
import org.nautile.io.IdxBytes;
import org.nautile.io.TarBytes;

/** Made-up reviews, right and wrong, and the counts of the real ones. */
class ReviewsTest {
    @TempDir
    private Path folder = Path.of("");

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Files.write(file, name.endsWith(".gz") ? IdxBytes.gzip(bytes) : bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "good film\t1\nbad\u0085 label\t0\n",
                "sentence\tlabel\ngood film\t1\nbad\u0085 label\t0",
                "sentence\tlabel\r\ngood film\t1\r\nbad\u0085 label\t0\r\n",
                "label\trating\tid\ttext\n1\t9\t0\tgood film\n0\t2\t0\tbad\u0085 label\n",
                "review\tlabel\ngood film\t1\nbad\u0085 label\t0\n"
            })
    void readsTables(String text) throws IOException {
        for (String name : List.of("reviews.tsv", "reviews.tsv.gz")) {
            assertEquals(
                    List.of(new Review("good film", 1), new Review("bad\u0085 label", 0)),
                    Reviews.table(write(name, text)));
        }
    }

    @Test
    void aReviewOfOneWordIsNoHeader() throws IOException {
        assertEquals(List.of(new Review("sentence", 0)), Reviews.table(write("reviews.tsv", "sentence\t0\n")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|no line with a review found, at least one expected",
                "sentence;label/|no line with a review found, at least one expected",
                "sentence/a/|line 1: columns [sentence] found, label and one of sentence, text, review expected",
                "label;id/1;2/|line 1: columns [label, id] found, label and one of sentence, text, review expected",
                "label;text;review/|line 1: columns [label, text, review] found, label and one of sentence, text,"
                        + " review expected",
                "a;1/b/|line 2: fields: 1 found, 2 expected: [sentence, label]",
                "a;1/b;c;0/|line 2: fields: 3 found, 2 expected: [sentence, label]",
                "a;1//b;1/|line 2: fields: 1 found, 2 expected: [sentence, label]",
                "a;1/ ;1/|line 2: an empty text found",
                "a;1/b;2/|line 2: label '2' found, 0 or 1 expected",
                "a;b/|line 1: label 'b' found, 0 or 1 expected",
                "sentence;label/a;1/b;-1/|line 3: label '-1' found, 0 or 1 expected",
                "sentence;label/a;/|line 2: label '' found, 0 or 1 expected"
            })
    void saysWhatIsWrongWithATable(String text, String expected) throws IOException {
        Path file = write("reviews.tsv", text.replace(';', '\t').replace('/', '\n'));
        DataException e = assertThrows(DataException.class, () -> Reviews.table(file));
        assertEquals(file + ": " + expected, e.getMessage());
    }

    @Test
    void otherTextIsNamed() throws IOException {
        Path file =
                Files.write(folder.resolve("latin.tsv"), "a\t1\ncaf\u00E9\t1\n".getBytes(StandardCharsets.ISO_8859_1));
        DataException e = assertThrows(DataException.class, () -> Reviews.table(file));
        assertEquals(file + ": line 2: byte 0xE9 found, text in UTF-8 expected", e.getMessage());
    }

    @Test
    void readsThePublishersFolder() throws IOException {
        write("train/pos/1_10.txt", "good<br />film");
        write("train/pos/0_7.txt", "quite good\n");
        write("train/neg/0_1.txt", "bad");
        write("train/neg/1_4.txt", "not good");
        write("train/unsup/0_0.txt", "who knows");
        write("train/urls_pos.txt", "x");
        assertEquals(
                List.of(
                        new Review("bad", 0),
                        new Review("not good", 0),
                        new Review("quite good", 1),
                        new Review("good<br />film", 1)),
                Reviews.folder(folder.resolve("train")));
    }

    @ParameterizedTest
    @CsvSource({
        "neg, 0_5, 1, 4",
        "neg, 0_0, 1, 4",
        "pos, 0_6, 7, 10",
        "pos, 0_11, 7, 10",
        "pos, 7, 7, 10",
        "neg, 0_99999999999, 1, 4",
        "pos, a_9, 7, 10"
    })
    void ratingsFitTheirFolder(String part, String name, int lowest, int highest) throws IOException {
        write("neg/1_1.txt", "bad");
        write("pos/1_9.txt", "good");
        Path file = write(part + "/" + name + ".txt", "text");
        DataException e = assertThrows(DataException.class, () -> Reviews.folder(folder));
        assertEquals(
                file + ": a name as <number>_<rating>.txt expected, with a rating of " + lowest + " to " + highest,
                e.getMessage());
    }

    @Test
    void foldersThatAreMissingOrEmptyAreNamed() throws IOException {
        Path neg = folder.resolve("neg");
        refused(neg + ": there is no such folder, one of reviews expected");
        Files.createDirectory(neg);
        refused(neg + ": no review found, files as <number>_<rating>.txt expected");
        Path empty = write("neg/0_1.txt", " \n");
        refused(empty + ": an empty text found");
        write("neg/0_1.txt", "bad");
        refused(folder.resolve("pos") + ": there is no such folder, one of reviews expected");
    }

    private void refused(String expected) {
        DataException e = assertThrows(DataException.class, () -> Reviews.folder(folder));
        assertEquals(expected, e.getMessage());
    }

    @Test
    void readsTheArchiveOfSst2() throws IOException {
        Path archive = folder.resolve("SST-2.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("SST-2/train.tsv"));
            zip.write("sentence\tlabel\ngood film \t1\nbad\t0\n".getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("SST-2/dev.tsv"));
            zip.write("sentence\tlabel\ngood\t2\n".getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(List.of(new Review("good film ", 1), new Review("bad", 0)), Reviews.sst2(archive, "train"));
        DataException label = assertThrows(DataException.class, () -> Reviews.sst2(archive, "dev"));
        assertEquals(
                archive.resolve("SST-2/dev.tsv") + ": line 2: label '2' found, 0 or 1 expected", label.getMessage());
        DataException missing = assertThrows(DataException.class, () -> Reviews.sst2(archive, "other"));
        assertEquals(archive + ": no SST-2/other.tsv in it", missing.getMessage());
        Files.write(archive, new byte[100]);
        DataException damaged = assertThrows(DataException.class, () -> Reviews.sst2(archive, "train"));
        assertTrue(damaged.toString().contains(archive + ": a zip archive expected: "), damaged::toString);
    }

    @Test
    void readsTheArchiveOfImdb() throws IOException {
        Path archive = folder.resolve("aclImdb_v1.tar.gz");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String file : List.of("train/pos/0_9", "train/unsup/0_0", "test/neg/0_1", "train/neg/0_2")) {
            bytes.write(TarBytes.of("aclImdb/" + file + ".txt", (file + "\n").getBytes(StandardCharsets.UTF_8)));
        }
        bytes.write(TarBytes.of("aclImdb/test/pos/1_3.txt", new byte[] {'x'}));
        bytes.write(new byte[1024]);
        Files.write(archive, IdxBytes.gzip(bytes.toByteArray()));
        assertEquals(
                List.of(new Review("train/neg/0_2", 0), new Review("train/pos/0_9", 1)),
                Reviews.imdb(archive, "train"));
        DataException rating = assertThrows(DataException.class, () -> Reviews.imdb(archive, "test"));
        assertEquals(
                archive.resolve("aclImdb/test/pos/1_3.txt")
                        + ": a name as <number>_<rating>.txt expected, with a rating of 7 to 10",
                rating.getMessage());
        DataException none = assertThrows(DataException.class, () -> Reviews.imdb(archive, "dev"));
        assertEquals(archive + ": no review of aclImdb/dev found in it", none.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "sst2-train.tsv, 6920, 3610",
        "sst2-dev.tsv, 872, 444",
        "sst2-test.tsv, 1821, 909",
        "imdb-train-5000.tsv.gz, 5000, 2500",
        "imdb-test-5000.tsv.gz, 5000, 2500"
    })
    void realData(String name, int count, int positive) throws IOException {
        Path real = RealData.folder("sentiment", in -> Files.isRegularFile(in.resolve(name)));
        List<Review> reviews = Reviews.table(real.resolve(name));
        assertEquals(count, reviews.size());
        assertEquals(positive, reviews.stream().mapToInt(Review::label).sum());
        assertTrue(reviews.stream().allMatch(review -> review.text().length() > 1));
    }
}
