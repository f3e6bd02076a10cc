package org.nautile.models.sentiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.Generator;
import org.nautile.data.RealData;
import org.nautile.data.Reviews.Review;
import org.nautile.io.DataException;
import org.nautile.models.language.FilmReviews;
import org.nautile.models.sentiment.ReviewSets.Choice;

/** Which reviews are learnt from, and which are kept. */
class ReviewSetsTest {
    private static final int ALL = Integer.MAX_VALUE;

    @TempDir
    private Path folder = Path.of("");

    private Path table(String name, int count) throws IOException {
        List<String> lines = IntStream.range(0, count)
                .mapToObj(i -> name + " no " + i + '\t' + i % 2)
                .toList();
        return Files.write(folder.resolve(name), lines);
    }

    private static ReviewSets own(Path train, @Nullable Path test, int most, long seed) throws IOException {
        return ReviewSets.find(new Choice(FilmReviews.SST2, train, test), null, most, ALL, seed);
    }

    private static Set<Review> together(ReviewSets sets) {
        Set<Review> all = new HashSet<>();
        Stream.of(sets.train(), sets.heldOut(), sets.test()).forEach(all::addAll);
        assertEquals(
                sets.train().size() + sets.heldOut().size() + sets.test().size(), all.size(), "one is in two sets");
        return all;
    }

    @Test
    void aTenthIsHeldOutAndATenthOfOneFileMeasures() throws IOException {
        Path file = table("mine.tsv", 100);
        ReviewSets sets = own(file, null, ALL, 0);
        assertEquals(
                List.of(81, 9, 10),
                List.of(sets.train().size(), sets.heldOut().size(), sets.test().size()));
        assertEquals(100, together(sets).size());
        assertEquals(sets, own(file, null, ALL, 0));
        assertNotEquals(sets.test(), own(file, null, ALL, 1).test());
        assertTrue(sets.source().contains("mine.tsv"), sets.source());
    }

    @Test
    void aFileOfItsOwnMeasures() throws IOException {
        ReviewSets sets = own(table("a.tsv", 50), table("b.tsv", 7), 18, 0);
        assertEquals(
                List.of(18, 2, 7),
                List.of(sets.train().size(), sets.heldOut().size(), sets.test().size()));
        assertTrue(sets.test().stream().allMatch(review -> review.text().startsWith("b.tsv")), sets::toString);
        together(sets);
    }

    @Test
    void knownReviews() throws IOException {
        table("sst2-train.tsv", 20);
        table("sst2-dev.tsv", 6);
        ReviewSets sets = ReviewSets.find(new Choice(FilmReviews.SST2, null, null), folder, ALL, 4, 0);
        assertEquals(
                List.of(18, 2, 4),
                List.of(sets.train().size(), sets.heldOut().size(), sets.test().size()));
        IOException absent = assertThrows(
                IOException.class,
                () -> ReviewSets.find(new Choice(FilmReviews.IMDB, null, null), folder, ALL, ALL, 0));
        assertEquals(
                folder
                        + ": no aclImdb_v1.tar.gz, nor imdb-train-5000.tsv.gz and imdb-test-5000.tsv.gz, nor aclImdb, in"
                        + " it, nor in its folders sentiment and imdb",
                absent.getMessage());

        for (String part : List.of("train/pos/1_9.txt", "train/neg/2_1.txt", "test/pos/3_7.txt", "test/neg/4_4.txt")) {
            Path file = folder.resolve("aclImdb").resolve(part);
            Files.createDirectories(file.resolveSibling(""));
            Files.writeString(file, part);
        }
        ReviewSets published = ReviewSets.find(new Choice(FilmReviews.IMDB, null, null), folder, ALL, ALL, 0);
        assertEquals(4, together(published).size());
    }

    /** As {@code nautile download sst2} leaves them. */
    @Test
    void publishedArchiveInItsOwnFolder() throws IOException {
        Path archive = Files.createDirectory(folder.resolve("sst2")).resolve("SST-2.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("SST-2/train.tsv"));
            zip.write("sentence\tlabel\ngood\t1\nbad\t0\n".getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("SST-2/dev.tsv"));
            zip.write("sentence\tlabel\nfine\t1\n".getBytes(StandardCharsets.UTF_8));
        }
        for (Path named : List.of(folder, folder.resolve("sst2"))) {
            ReviewSets sets = ReviewSets.find(new Choice(FilmReviews.SST2, null, null), named, ALL, ALL, 0);
            assertEquals(3, together(sets).size());
            assertEquals("film reviews from " + archive, sets.source());
        }
    }

    @Test
    void realReviews() throws IOException {
        Path real = RealData.folder("sentiment", FilmReviews.SST2::isIn);
        ReviewSets sst = ReviewSets.find(new Choice(FilmReviews.SST2, null, null), real, ALL, ALL, 0);
        assertEquals(
                List.of(6228, 692, 872),
                List.of(sst.train().size(), sst.heldOut().size(), sst.test().size()));
        ReviewSets imdb = ReviewSets.find(new Choice(FilmReviews.IMDB, null, null), real, ALL, ALL, 0);
        assertEquals(
                List.of(4500, 500, 5000),
                List.of(imdb.train().size(), imdb.heldOut().size(), imdb.test().size()));
    }

    @Test
    void badFilesAreNamed() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.tsv"), "good\t1\nbad\n");
        String error = String.valueOf(
                assertThrows(DataException.class, () -> own(bad, null, ALL, 0)).getMessage());
        assertTrue(error.startsWith(bad + ": line 2: "), error);
    }

    @Test
    void generatedReviews() {
        List<Review> reviews = ReviewSets.generate(new Generator(1, 0), 500);
        assertEquals(reviews, ReviewSets.generate(new Generator(1, 0), 500));
        assertNotEquals(reviews, ReviewSets.generate(new Generator(2, 0), 500));
        long positive = reviews.stream().filter(review -> review.label() == 1).count();
        assertTrue(positive > 200 && positive < 300, positive + " of 500");
        for (Review review : reviews) {
            boolean great = review.text().contains("great");
            boolean not = review.text().contains(" not ");
            assertTrue(!great || review.label() == (not ? 0 : 1), review::toString);
        }
    }
}
