package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.nautile.models.cli.Machine;

/**
 * A cache for data, as the system describes it.
 *
 * @param level 1 for the nearest
 * @param bytes its size
 * @param sharers how many processors use it
 */
record Cache(int level, long bytes, int sharers) {
    private static final String FOLDER = "/sys/devices/system/cpu/cpu0/cache/index";

    /** The caches of the first processor, nearest first; empty if the system does not say. */
    static List<Cache> of(Machine machine) {
        List<Cache> caches = new ArrayList<>();
        for (int i = 0; machine.read(FOLDER + i + "/level").isPresent(); i++) {
            String folder = FOLDER + i;
            boolean data = !machine.read(folder + "/type").orElse("").equals("Instruction");
            Optional<Integer> level = machine.read(folder + "/level").flatMap(Cache::whole);
            Optional<Long> bytes = machine.read(folder + "/size").flatMap(Cache::bytes);
            if (data && level.isPresent() && bytes.isPresent()) {
                int sharers = machine.read(folder + "/shared_cpu_list")
                        .map(Cache::count)
                        .orElse(1);
                caches.add(new Cache(level.get(), bytes.get(), sharers));
            }
        }
        caches.sort(Comparator.comparingInt(Cache::level));
        return caches;
    }

    private static Optional<Integer> whole(String text) {
        return text.matches("\\d{1,3}") ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    /** "32K", "512K", "16M". */
    private static Optional<Long> bytes(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        if (!upper.matches("\\d{1,9}[KMG]?")) {
            return Optional.empty();
        }
        int shift = 10 * (1 + "KMG".indexOf(upper.charAt(upper.length() - 1)));
        String digits = shift == 0 ? upper : upper.substring(0, upper.length() - 1);
        return Optional.of(Long.parseLong(digits) << shift);
    }

    /** How many numbers a list such as "0-3,8" holds. */
    private static int count(String list) {
        int count = 0;
        for (String range : list.split(",", -1)) {
            String[] ends = range.split("-", 2);
            Optional<Integer> first = whole(ends[0]);
            Optional<Integer> last = whole(ends[ends.length - 1]);
            if (first.isPresent() && last.isPresent()) {
                count += last.get() - first.get() + 1;
            }
        }
        return Math.max(count, 1);
    }

    String name() {
        return "L" + level;
    }

    /** What threads can keep in it, on processors of their own. */
    long bytesFor(int threads) {
        int copies = Math.max(1, (threads + sharers - 1) / sharers);
        return bytes * copies;
    }
}
