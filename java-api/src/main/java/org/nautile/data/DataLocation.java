package org.nautile.data;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where data sets are looked for: in the folder the user named (the data set's own, or one that holds a folder of its name),
 * in the folder of the environment variable NAUTILE_DATA, and in the user's cache.
 */
public final class DataLocation {
    private DataLocation() {}

    /**
     * Finds a data set.
     *
     * @param name its name and the name of its folder
     * @param named the folder the user named; null for none
     * @param isThere whether a folder holds the data set
     * @return the folder; empty if it is nowhere and no folder was named
     * @throws IOException if the named folder does not hold it
     */
    public static Optional<Path> find(String name, @Nullable Path named, Predicate<Path> isThere) throws IOException {
        if (named != null) {
            return Optional.of(List.of(named, named.resolve(name)).stream()
                    .filter(isThere)
                    .findFirst()
                    .orElseThrow(() -> new NoSuchFileException(
                            named.toString(), null, "no data set '" + name + "' in it, nor in its folder " + name)));
        }
        return searched(name).stream().filter(isThere).findFirst();
    }

    /**
     * The folders that are looked into when the user named none.
     *
     * @param name the data set's name
     * @return the folder below NAUTILE_DATA, if it is set, and the one in the cache
     */
    public static List<Path> searched(String name) {
        List<Path> folders = new ArrayList<>();
        String root = System.getenv("NAUTILE_DATA");
        if (root != null && !root.isBlank()) {
            folders.add(Path.of(root).resolve(name));
        }
        folders.add(cache().resolve(name));
        return folders;
    }

    /**
     * The user's cache of data sets.
     *
     * @return the folder nautile below XDG_CACHE_HOME, or below .cache in the home folder
     */
    public static Path cache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache != null && !cache.isBlank() ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("nautile");
    }
}
