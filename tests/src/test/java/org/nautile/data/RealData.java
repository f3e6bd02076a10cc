package org.nautile.data;

import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;

/** The publishers' data, where this machine has it. */
public final class RealData {
    private RealData() {}

    /** The folder mnist in the one that NAUTILE_DATA names; without it the test is skipped, and that is said aloud. */
    public static Path mnist() {
        return folder(Mnist.NAME, Mnist::isIn);
    }

    /** The folder of a data set, in the same way. */
    public static Path folder(String name, Predicate<Path> isIn) {
        String root = System.getenv("NAUTILE_DATA");
        Path folder = Path.of(root == null ? "" : root, name);
        if (root == null || !isIn.test(folder)) {
            String message = "SKIPPED: tests on real data; NAUTILE_DATA names no folder that holds " + name;
            System.err.println(message);
            Assumptions.abort(message);
        }
        return folder;
    }
}
