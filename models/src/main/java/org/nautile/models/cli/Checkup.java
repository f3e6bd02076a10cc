package org.nautile.models.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** What the doctor has found: facts in sections, some of them problems with a remedy. */
final class Checkup {
    private static final int NAME_WIDTH = 18;

    private final Map<String, List<Fact>> sections = new LinkedHashMap<>();
    private List<Fact> current = new ArrayList<>();

    /**
     * A line of the report.
     *
     * @param name what was looked at
     * @param value what was found
     * @param fix what to do about it; null if nothing is wrong
     */
    record Fact(String name, String value, @Nullable String fix) {
        boolean isProblem() {
            return fix != null;
        }
    }

    Checkup section(String name) {
        current = sections.computeIfAbsent(name, key -> new ArrayList<>());
        return this;
    }

    Checkup fact(String name, String value) {
        current.add(new Fact(name, value, null));
        return this;
    }

    Checkup problem(String name, String value, String fix) {
        current.add(new Fact(name, value, fix));
        return this;
    }

    List<Fact> problems() {
        return sections.values().stream()
                .flatMap(List::stream)
                .filter(Fact::isProblem)
                .toList();
    }

    Map<String, List<Fact>> sections() {
        return sections;
    }

    void print(PrintWriter out, Ansi ansi) {
        sections.forEach((section, facts) -> {
            out.println(ansi.string("@|bold " + section + "|@"));
            for (Fact fact : facts) {
                String name = fact.name()
                        + " ".repeat(Math.max(1, NAME_WIDTH - fact.name().length()));
                // the value may hold anything, so it is kept out of the markup
                String value = fact.value().replace("\n", "\n" + " ".repeat(2 + NAME_WIDTH));
                out.println((fact.isProblem() ? ansi.string("@|red !|@ ") : "  ") + name + value);
            }
            out.println();
        });
        List<Fact> problems = problems();
        if (problems.isEmpty()) {
            out.println("No problems.");
            return;
        }
        out.println(ansi.string("@|bold Problems|@"));
        int number = 1;
        for (Fact problem : problems) {
            out.println("  " + number++ + ". " + problem.name() + ": " + problem.fix());
        }
    }
}
