package org.nautile.validate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nautile.Device;

/** The list of all exemptions: {@code exemptions.txt}, which explains its columns. */
final class Exemptions {
    /** The file, beside this class. */
    static final String FILE = "exemptions.txt";

    private Exemptions() {}

    /**
     * A line of the list.
     *
     * @param number its place in the file, from 1
     * @param op the op's name
     * @param exemption what its cases are let off
     * @param cases the cases, by label or by label and shapes, where * stands for anything; for {@link Exemption#BORROWED} devices
     * @param reason why
     */
    record Line(int number, String op, Exemption exemption, List<String> cases, String reason) {
        static Line parse(int number, String text) {
            String[] columns = text.split(" \\| ", -1);
            if (columns.length != 4) {
                throw new IllegalArgumentException(FILE + ", line " + number + ": \"" + text + "\" has "
                        + columns.length + " columns, 4 are needed: op | exemption | cases | reason");
            }
            return new Line(
                    number,
                    columns[0].strip(),
                    Exemption.valueOf(columns[1].strip().toUpperCase(Locale.ROOT)),
                    List.of(columns[2].strip().split("; *", -1)),
                    columns[3].strip());
        }

        /** This line for some devices alone. */
        Line onlyOf(List<String> devices) {
            List<String> there = cases.stream()
                    .filter(name -> devices.stream().anyMatch(device -> device.matches(pattern(name))))
                    .toList();
            return new Line(number, op, exemption, there, reason);
        }

        boolean covers(Use use) {
            return cases.stream().anyMatch(name -> covers(name, use));
        }

        boolean covers(String name, Use use) {
            String pattern = pattern(name);
            return op.equals(use.op())
                    && exemption == use.exemption()
                    && (use.label().matches(pattern) || use.name().matches(pattern));
        }

        private static String pattern(String name) {
            return Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        }
    }

    /**
     * A use of an exemption.
     *
     * @param op the op's name
     * @param exemption the exemption
     * @param label the case's label, or the device
     * @param name the case's name, or the device
     */
    record Use(String op, Exemption exemption, String label, String name) {
        Use(OpCase test, Exemption exemption) {
            this(test.op().name(), exemption, test.label(), test.name());
        }

        @Override
        public String toString() {
            return op + " | " + exemption + " | " + name;
        }
    }

    /** The lines of the list. */
    static List<Line> list() {
        try (InputStream in = Objects.requireNonNull(Exemptions.class.getResourceAsStream(FILE), FILE)) {
            List<String> texts = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            List<Line> lines = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                if (!text.isBlank() && !text.startsWith("#")) {
                    lines.add(Line.parse(i + 1, text));
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }

    /** What a case makes use of. */
    static Stream<Use> used(OpCase test) {
        return Stream.of(Exemption.values()).filter(test::uses).map(exemption -> new Use(test, exemption));
    }

    /** The ops of these cases that a device borrows. */
    static Stream<Use> borrowed(List<OpCase> cases, Device device) {
        return cases.stream()
                .filter(test -> Check.borrowed(test, device))
                .map(test -> test.op().name())
                .distinct()
                .map(op -> new Use(op, Exemption.BORROWED, device.name(), device.name()));
    }

    /**
     * What is wrong with a list, beside what is used and what could be.
     *
     * @param lines the list
     * @param used the uses
     * @param spared the cases, and devices, with each exemption that they do without
     * @return a text for each use that is not named exactly once, and for each name that is of no use
     */
    static List<String> faults(List<Line> lines, List<Use> used, List<Use> spared) {
        List<String> faults = new ArrayList<>();
        for (Use use : used) {
            long times = lines.stream().filter(line -> line.covers(use)).count();
            if (times != 1) {
                faults.add(FILE + (times == 0 ? " lacks: " : " has more than once: ") + use);
            }
        }
        for (Line line : lines) {
            for (String name : line.cases()) {
                String where =
                        FILE + ", line " + line.number() + ": " + line.op() + " | " + line.exemption() + " | " + name;
                if (used.stream().noneMatch(use -> line.covers(name, use))) {
                    faults.add(where + ": of no use");
                }
                spared.stream()
                        .filter(use -> line.covers(name, use))
                        .forEach(use -> faults.add(where + ": without use for " + use.name()));
            }
        }
        return faults;
    }
}
