package org.nautile.models.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.nautile.Plan;

/** What a recorded step consists of, as lines of text. */
final class PlanTable {
    private PlanTable() {}

    static List<String> lines(Plan plan) {
        List<Plan.Part> parts = plan.parts();
        double total = parts.stream().mapToDouble(Plan.Part::seconds).sum();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "recorded step: %d kernels, %.1f MB%s",
                plan.calls(),
                plan.bytes() / 1e6,
                total > 0 ? String.format(Locale.ROOT, ", %.3f ms", 1e3 * total) : ""));
        lines.add("    us      %  kernel                   tasks  threads  scratch KB");
        for (Plan.Part part : parts) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%8s %5s  %-22s %7d  %-7s  %10.1f",
                    total > 0 ? String.format(Locale.ROOT, "%.1f", 1e6 * part.seconds()) : "-",
                    total > 0 ? String.format(Locale.ROOT, "%.1f", 100 * part.seconds() / total) : "-",
                    part.name(),
                    part.tasks(),
                    part.team() ? "all" : "one",
                    part.workspace() / 1e3));
        }
        return lines;
    }
}
