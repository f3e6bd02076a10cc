package org.nautile.validate;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.models.Model;
import org.nautile.models.cli.JsonOption;
import org.nautile.models.cli.Nearest;
import org.nautile.models.cli.Subcommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds out whether devices compute what they should: ops, PyTorch's numbers, models. */
@Command(
        name = "validate",
        sortOptions = false,
        header = "Check that devices compute what they should.",
        description = {
            "Every op against the device reference, which itself is held to finite differences; PyTorch's results for the"
                    + " same inputs; and the first training steps of every model against reference.",
            "",
            "A line per subject and device: the largest error in units of the last place (ULP) and relative to the norm,"
                    + " and the allowed error with the part of it that was used, of the case that came nearest to its own."
                    + " Exit code 1 if a check fails.",
            "",
            "The last line counts what cases are let off; tests/src/main/resources/org/nautile/validate/exemptions.txt names"
                    + " each exemption with its reason, and tests hold it to the cases."
        })
public final class ValidateCommand implements Subcommand {
    private static final int SHOWN = 5;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--device",
            paramLabel = "D,D",
            split = ",",
            description = "Devices to check. Default: all that can be used here.")
    private List<String> devices = List.of();

    @Option(
            names = "--op",
            paramLabel = "NAME",
            split = ",",
            description = "Only these ops (and PyTorch's numbers for them). Default: all ops.")
    private List<String> ops = List.of();

    @Option(
            names = "--model",
            paramLabel = "NAME",
            split = ",",
            description = "Only the training steps of these models. Default: all models.")
    private List<String> models = List.of();

    @Option(
            names = "--golden",
            paramLabel = "DIR",
            description = "Folder of PyTorch's results, one OP/CASE.safetensors each. Default: those built in.")
    private @Nullable Path golden;

    @Mixin
    private JsonOption json = new JsonOption();

    private final List<Validation> results = new ArrayList<>();
    private final List<Exemptions.Use> exempted = new ArrayList<>();

    /** For {@link java.util.ServiceLoader}. */
    public ValidateCommand() {}

    @Override
    public Integer call() throws IOException {
        require("device", devices, Device.names());
        require("op", ops, OpCases.ops());
        require("model", models, Model.all().stream().map(Model::name).toList());
        json.check();
        List<Golden> numbers = golden == null ? Golden.builtIn() : Golden.in(golden);
        List<Device> chosen = devices.isEmpty()
                ? Device.names().stream().flatMap(this::usable).toList()
                : devices.stream().map(Device::of).toList();

        out().println(row("what", "device", "cases", "checks", "max ULP", "rel. error", "used", "", "allowed"));
        boolean everything = ops.isEmpty() && models.isEmpty();
        if (everything || !ops.isEmpty()) {
            for (String op : ops.isEmpty() ? OpCases.ops() : ops) {
                List<OpCase> cases = OpCases.of(op);
                for (Device device : chosen) {
                    report(Validation.ofOp(op, cases, device));
                    Exemptions.borrowed(cases, device).forEach(exempted::add);
                }
                cases.forEach(test -> Exemptions.used(test).forEach(exempted::add));
            }
        }
        golden(numbers, chosen);
        if (everything || !models.isEmpty()) {
            for (Model model : Model.all()) {
                if (models.isEmpty() || models.contains(model.name())) {
                    chosen.forEach(device -> report(ModelSteps.validate(model.name(), device)));
                }
            }
        }
        return conclusion();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void require(String kind, List<String> names, List<String> known) {
        Nearest.require(spec.commandLine(), kind, names, known);
    }

    private Stream<Device> usable(String name) {
        try {
            return Stream.of(Device.of(name));
        } catch (DeviceException e) {
            out().println("not checked: " + e.getMessage());
            return Stream.empty();
        }
    }

    /** PyTorch's numbers, a line per op and device, and what cannot be compared yet. */
    private void golden(List<Golden> cases, List<Device> chosen) {
        Map<String, List<Golden>> byOp = new TreeMap<>();
        Map<String, Integer> unknown = new TreeMap<>();
        for (Golden test : cases) {
            if (!test.supported()) {
                unknown.merge(test.op(), 1, Integer::sum);
            } else if ((ops.isEmpty() && models.isEmpty()) || ops.contains(test.op()) || models.contains(test.op())) {
                byOp.computeIfAbsent(test.op(), op -> new ArrayList<>()).add(test);
            }
        }
        byOp.forEach((op, tests) -> {
            for (Device device : chosen) {
                Validation.Tally tally = new Validation.Tally();
                tests.forEach(test -> tally.count(test.name(), () -> test.check(device)));
                report(tally.of("torch " + op, device, tests.size()));
            }
        });
        if (!unknown.isEmpty() && ops.isEmpty() && models.isEmpty()) {
            out().println("not compared, Nautile has no such op: " + unknown);
        }
    }

    private void report(Validation result) {
        results.add(result);
        Measure worst = result.worst();
        boolean passed = result.failures().isEmpty();
        out().println(row(
                result.subject(),
                result.device(),
                Integer.toString(result.cases()),
                Integer.toString(result.checks()),
                Double.isNaN(worst.ulp()) ? "-" : String.format(Locale.ROOT, "%.2f", worst.ulp()),
                String.format(Locale.ROOT, "%.1e", worst.relative()),
                worst.budget().isExact() ? "-" : String.format(Locale.ROOT, "%.0f %%", 100 * worst.used()),
                passed ? "pass" : result.failures().size() + " FAILED",
                worst.budget().toString()));
        result.failures().stream().limit(SHOWN).forEach(failure -> out().println("  " + failure));
        if (result.failures().size() > SHOWN) {
            out().println("  and " + (result.failures().size() - SHOWN) + " more");
        }
        out().flush();
    }

    private static String row(String... columns) {
        return String.format(Locale.ROOT, "%-19s %-12s %6s %7s %9s %11s %8s  %-9s  %s", (Object[]) columns)
                .stripTrailing();
    }

    private int conclusion() {
        int cases = results.stream().mapToInt(Validation::cases).sum();
        int checks = results.stream().mapToInt(Validation::checks).sum();
        int failed =
                results.stream().mapToInt(result -> result.failures().size()).sum();
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("passed", failed == 0);
        summary.put("results", results.stream().map(ValidateCommand::entry).toList());
        json.write(summary);
        Optional<Validation> tightest = results.stream()
                .filter(result -> !result.worst().budget().isExact())
                .max((a, b) -> Double.compare(a.worst().used(), b.worst().used()));
        out().println(cases + " cases, " + checks + " checks: "
                + (failed == 0 ? "all passed" : failed + " FAILED")
                + tightest.map(result -> String.format(
                                Locale.ROOT,
                                "; nearest to its limit: %s on %s, %.0f %%",
                                result.subject(),
                                result.device(),
                                100 * result.worst().used()))
                        .orElse(""));
        if (!exempted.isEmpty()) {
            Map<Exemption, Long> kinds = exempted.stream()
                    .collect(Collectors.groupingBy(
                            Exemptions.Use::exemption, () -> new EnumMap<>(Exemption.class), Collectors.counting()));
            out().println(exempted.size() + " exemptions: "
                    + kinds.entrySet().stream()
                            .map(kind -> kind.getKey() + " " + kind.getValue())
                            .collect(Collectors.joining(", "))
                    + "; each is named with its reason in " + Exemptions.FILE);
        }
        return failed == 0 ? 0 : 1;
    }

    private static Map<String, Object> entry(Validation result) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("subject", result.subject());
        entry.put("device", result.device());
        entry.put("cases", result.cases());
        entry.put("checks", result.checks());
        entry.put("max_ulp", result.worst().ulp());
        entry.put("max_relative_error", result.worst().relative());
        entry.put("used_of_allowed", result.worst().used());
        entry.put("allowed", result.worst().budget().toString());
        entry.put("reason", result.worst().budget().reason());
        entry.put("failures", result.failures());
        return entry;
    }
}
