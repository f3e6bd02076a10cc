package org.nautile.backend.abi;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Other people's libraries, by JavaCPP's presets, which are optional: each is tried once. */
final class Presets {
    /** What came of each: the JVM gives the reason once, later only that there was one. */
    private static final Map<String, String> OBSTACLES = new HashMap<>();

    private Presets() {}

    /**
     * Loads a library, unless that was tried before.
     *
     * @param library its name, for example {@code "cuBLAS 13"}
     * @param load loads it; what it calls may be missing from the class path
     * @return why it cannot be used; null if it can
     */
    static synchronized @Nullable String obstacle(String library, Runnable load) {
        String known = OBSTACLES.computeIfAbsent(library, name -> attempt(load));
        return known.isEmpty() ? null : known;
    }

    private static String attempt(Runnable load) {
        try {
            load.run();
            return "";
        } catch (LinkageError e) {
            return LoadFailure.reason(e);
        }
    }
}
