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
        double flops = parts.stream().mapToDouble(Plan.Part::flops).sum();
        int width = parts.stream().mapToInt(part -> name(part).length()).max().orElse(0);
        lines.add(String.format(
                Locale.ROOT,
                "recorded step: %d kernels, %.1f MB, %.1f MFLOP%s",
                plan.calls(),
                plan.bytes() / 1e6,
                flops / 1e6,
                total > 0 ? String.format(Locale.ROOT, ", %.3f ms", 1e3 * total) : ""));
        String format = "%9s %5s  %-" + Math.max(width, 6) + "s  %6s  %7s  %10s  %8s  %7s";
        lines.add(String.format(format, "us", "%", "kernel", "tasks", "threads", "scratch KB", "MFLOP", "GFLOP/s"));
        for (Plan.Part part : parts) {
            boolean measured = total > 0;
            boolean counted = part.flops() > 0;
            lines.add(String.format(
                    format,
                    number(measured, 1e6 * part.seconds()),
                    number(measured, 100 * part.seconds() / total),
                    name(part),
                    part.tasks(),
                    part.team() ? "all" : "one",
                    number(true, part.workspace() / 1e3),
                    number(counted, part.flops() / 1e6),
                    number(measured && counted, part.flops() / part.seconds() / 1e9)));
        }
        return lines;
    }

    /** What was chosen for the kernels that have a choice. */
    static List<String> algorithms(Plan plan) {
        return plan.parts().stream()
                .filter(part -> !part.algorithm().isEmpty())
                .map(PlanTable::name)
                .toList();
    }

    private static String name(Plan.Part part) {
        return part.algorithm().isEmpty() ? part.name() : part.name() + " (" + part.algorithm() + ")";
    }

    private static String number(boolean known, double value) {
        return known ? String.format(Locale.ROOT, "%.1f", value) : "-";
    }
}
