package org.nautile.models.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process, Java's heap and all libraries included, as Linux counts it. */
final class HostMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String PEAK = "5"; // what proc(5) calls resetting the peak resident set size

    private HostMemory() {}

    /** Forgets the peak, where the system allows it: what comes next is compared with what is there now. */
    static void forgetPeak() {
        System.gc(); // what was read for another device is garbage, which would count
        try {
            Files.writeString(CLEAR, PEAK);
        } catch (IOException e) {
            return; // the peak is then that of the process so far, an upper bound
        }
    }

    /** The most bytes in memory at once since then; 0 where the system does not say. */
    static long peak() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
