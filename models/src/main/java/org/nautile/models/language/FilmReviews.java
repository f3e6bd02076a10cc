package org.nautile.models.language;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.data.DataLocation;
import org.nautile.data.Reviews;
import org.nautile.data.Reviews.Review;

/**
 * Film reviews that are known by name. They are looked for in the data folders {@code sentiment} and {@code sst2} or {@code imdb}:
 * the publishers' archive, or tables.
 */
public enum FilmReviews {
    /** Sentences: Socher et al. 2013. */
    SST2(Reviews.SST2_ARCHIVE, "sst2-train.tsv", "sst2-dev.tsv"),
    /** Whole reviews: Maas et al. 2011; also the publishers' folder aclImdb, and tables of 5000 and 5000. */
    IMDB(Reviews.IMDB_ARCHIVE, "imdb-train-5000.tsv.gz", "imdb-test-5000.tsv.gz");

    private static final String FOLDER = "sentiment";

    private final String archive;
    private final String train;
    private final String test;

    FilmReviews(String archive, String train, String test) {
        this.archive = archive;
        this.train = train;
        this.test = test;
    }

    /**
     * Reviews to learn from and others to measure with.
     *
     * @param train to learn from
     * @param test to measure with
     * @param source where they are from
     */
    public record Split(List<Review> train, List<Review> test, String source) {}

    /**
     * Whether a folder holds them.
     *
     * @param folder a folder
     * @return true if so
     */
    public boolean isIn(Path folder) {
        return isUnpackedIn(folder)
                || Files.isRegularFile(folder.resolve(archive))
                || (Files.isRegularFile(folder.resolve(train)) && Files.isRegularFile(folder.resolve(test)));
    }

    private boolean isUnpackedIn(Path folder) {
        Path unpacked = folder.resolve("aclImdb");
        return this == IMDB
                && Files.isDirectory(unpacked.resolve("train"))
                && Files.isDirectory(unpacked.resolve("test"));
    }

    /**
     * Reads them, if they are somewhere.
     *
     * @param data the folder the user named for data; null for none
     * @return empty if they are nowhere and no folder was named
     * @throws NoSuchFileException if the named folder does not hold them
     * @throws IOException if a file cannot be read, or is not what it should be
     */
    public Optional<Split> find(@Nullable Path data) throws IOException {
        Optional<Path> folder = Optional.empty();
        for (String name : List.of(FOLDER, toString())) {
            if (folder.isEmpty()) {
                folder = folder(name, data);
            }
        }
        if (folder.isEmpty() && data != null) {
            throw new NoSuchFileException(
                    data.toString(),
                    null,
                    "no " + archive + ", nor " + train + " and " + test + (this == IMDB ? ", nor aclImdb," : "")
                            + " in it, nor in its folders " + FOLDER + " and " + this);
        }
        return folder.isEmpty() ? Optional.empty() : Optional.of(read(folder.get()));
    }

    private Optional<Path> folder(String name, @Nullable Path data) throws IOException {
        try {
            return DataLocation.find(name, data, this::isIn);
        } catch (NoSuchFileException e) { // they may be in the folder of another name
            return Optional.empty();
        }
    }

    private Split read(Path folder) throws IOException {
        Path packed = folder.resolve(archive);
        if (isUnpackedIn(folder)) {
            Path unpacked = folder.resolve("aclImdb");
            return new Split(
                    mixed(Reviews.folder(unpacked.resolve("train"))),
                    mixed(Reviews.folder(unpacked.resolve("test"))),
                    "film reviews from " + unpacked);
        }
        if (Files.isRegularFile(packed)) {
            return new Split(
                    this == SST2 ? Reviews.sst2(packed, "train") : mixed(Reviews.imdb(packed, "train")),
                    this == SST2 ? Reviews.sst2(packed, "dev") : mixed(Reviews.imdb(packed, "test")),
                    "film reviews from " + packed);
        }
        return new Split(
                Reviews.table(folder.resolve(train)),
                Reviews.table(folder.resolve(test)),
                "film reviews from " + folder.resolve(train));
    }

    /** The publishers have all negative reviews first; who reads only the beginning shall find both kinds. */
    private static List<Review> mixed(List<Review> reviews) {
        return IntStream.of(new Generator(0, 0).permutation(reviews.size()))
                .mapToObj(reviews::get)
                .toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
