package org.nautile.data;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The publishers' data, where this machine has it. */
public final class RealData {
    private RealData() {}

    /** The folder mnist in the one that NAUTILE_DATA names; without it the test is skipped, and that is said aloud. */
    public static Path mnist() {
        String root = System.getenv("NAUTILE_DATA");
        Path folder = Path.of(root == null ? "" : root, Mnist.NAME);
        if (root == null || !Mnist.isIn(folder)) {
            String message = "SKIPPED: tests on real data; NAUTILE_DATA names no folder that holds " + Mnist.NAME;
            System.err.println(message);
            Assumptions.abort(message);
        }
        return folder;
    }
}
