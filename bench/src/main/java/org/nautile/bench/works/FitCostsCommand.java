package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.backend.Peaks;
import org.nautile.models.cli.CommandException;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.OutputFiles;
import org.nautile.models.cli.Refusal;
import org.nautile.models.cli.Subcommand;
import org.nautile.models.cli.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes efficiency.tsv, from which {@code nautile describe} predicts, on the machine at hand. */
@Command(
        name = "fit-costs",
        hidden = true, // who works on kernels needs it
        sortOptions = false,
        header = "Time single kernels, and find what each amount of their work costs.",
        description = "Times single kernels of many sizes with one thread, each recorded alone in a plan, and fits the"
                + " factors from which nautile describe predicts. Takes minutes; no other program should run.")
public final class FitCostsCommand implements Subcommand {
    private static final double ROOF = 0.3; // seconds for each of its loops
    private static final double SHORTEST_KERNEL = 20e-9; // seconds: of shorter ones the clock says nothing

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the factors go, as efficiency.tsv. Default: only the errors are shown.")
    private @Nullable Path out;

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            description = "Only kernels in whose description this is found. Default: all.")
    private String filter = "";

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description = "For measuring each kernel. Default: ${DEFAULT-VALUE}.")
    private double budget = 0.05;

    /** For {@link java.util.ServiceLoader}. */
    public FitCostsCommand() {}

    @Override
    public Integer call() {
        Refusal.budget(budget, spec.commandLine());
        List<Work> works = FitWorks.all().stream()
                .filter(work -> work.name().contains(filter))
                .toList();
        if (works.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--filter " + filter + " leaves no kernel");
        }
        if (out != null) {
            OutputFiles.check(out);
        }
        Device cpu = Device.of("cpu");
        Peaks peaks = cpu.backend().peaks();
        if (peaks == null) {
            throw new CommandException("what " + cpu + " can do at best cannot be measured");
        }
        int threads = Threads.count();
        Threads.set(1);
        try {
            Machine machine = new Machine(Path.of("/"));
            List<Cache> caches = Cache.of(machine);
            // before and after: what else runs on the machine may have gone by then
            Roof before = Roof.measure(cpu, peaks, caches, 1, Timing.of(ROOF));
            List<Timed> timed = new ArrayList<>();
            for (Work work : works) {
                timed.addAll(timed(work, cpu));
            }
            Roof roof = before.best(Roof.measure(cpu, peaks, caches, 1, Timing.of(ROOF)));
            List<CostFit.Sample> samples =
                    timed.stream().map(kernel -> kernel.sample(roof)).toList();
            List<CostFit.Kind> kinds = new CostFit(samples, roof.gflops() * 1e9).kinds();
            print(kinds, roof);
            if (out != null) {
                String where = machine.cpuModel() + " with " + cpu.backend().description();
                OutputFiles.write(
                        out, (head(samples.size(), where, roof) + rows(kinds)).getBytes(StandardCharsets.UTF_8));
            }
            return 0;
        } finally {
            Threads.set(threads);
        }
    }

    /** A kernel, its data and its time. */
    private record Timed(String name, List<KernelCost.Term> terms, List<Traffic.Touch> touches, double seconds) {
        CostFit.Sample sample(Roof roof) {
            double memory = touches.stream()
                    .mapToDouble(touch -> roof.seconds(touch.bytes(), touch.distance()))
                    .sum();
            return new CostFit.Sample(name, terms, memory, seconds);
        }
    }

    /** A work's kernel; none if it is several, of which nobody could say which costs what. */
    private List<Timed> timed(Work work, Device cpu) {
        Observed observed = new Observed(cpu.backend(), calls -> true);
        Device device = Device.of("cpu", observed);
        try (Scope scope = new Scope()) {
            Job job = FitWorks.prepare(work, new Inputs(device));
            job.run().run();
            try (Plan plan = Plan.record(device, () -> {
                job.run().run();
                return Tensor.empty(device, DType.FLOAT32, Shape.of()); // the result, which nobody looks at
            })) {
                Observed.Trace trace = observed.recorded();
                StepRun.Fastest fastest = new StepRun.Fastest(plan);
                fastest.measure(budget);
                List<Plan.Part> parts = fastest.parts();
                if (trace == null || trace.calls().size() != 1 || parts.size() != 1) {
                    return List.of();
                }
                KernelCall call = trace.calls().get(0);
                List<Traffic.Touch> touches =
                        Traffic.of(List.of(call), Double.POSITIVE_INFINITY).get(0);
                Plan.Part part = parts.get(0);
                List<KernelCost.Term> terms =
                        KernelCost.of(call, part.algorithm()).terms();
                return part.seconds() < SHORTEST_KERNEL
                        ? List.of()
                        : List.of(new Timed(work.name(), terms, touches, part.seconds()));
            } finally {
                job.close().run();
            }
        }
    }

    private void print(List<CostFit.Kind> kinds, Roof roof) {
        PrintWriter screen = spec.commandLine().getOut();
        Table table = new Table("kind", ">kernels", ">error, %", "factors");
        kinds.stream()
                .sorted(Comparator.comparing(CostFit.Kind::kind))
                .forEach(kind -> table.add(
                        kind.kind(),
                        Integer.toString(kind.samples()),
                        String.format(Locale.ROOT, "%.0f", 100 * kind.error()),
                        factors(kind, " ")));
        table.print(screen);
        screen.println("one thread reaches " + LiveTable.number(roof.gflops()) + " GFLOP/s");
        screen.flush();
    }

    private static String head(int kernels, String where, Roof roof) {
        return String.format(Locale.ROOT, """
                # How many operations of the peak rate (multiply-adds in registers, one thread) each amount of a kernel's work is worth:
                # a kind of KernelCost.Term, and a factor for each of its amounts, in their order. A factor of 1 for operations is the peak rate
                # itself, 2 is half of it; for elements it is the operations that each costs. Kinds that are missing count as "elements".
                #
                # Source: nautile fit-costs --out FILE. By least squares of the logarithm of predicted over measured (CostFit) from the fastest
                # of many runs of each of %d single kernels (fit-works.tsv), recorded alone in a plan, with one thread. No model is among them.
                # Measured on %s, where one thread reaches %.0f GFLOP/s.
                """, kernels, where, roof.gflops());
    }

    private static String rows(List<CostFit.Kind> kinds) {
        return kinds.stream()
                .sorted(Comparator.comparing(CostFit.Kind::kind))
                .map(kind -> kind.kind() + "\t" + factors(kind, "\t") + "\n")
                .collect(Collectors.joining());
    }

    /** With four digits; those at the end that are 0 are left out. */
    private static String factors(CostFit.Kind kind, String between) {
        double[] factors = kind.factors();
        int last = factors.length - 1;
        while (last > 0 && factors[last] == 0) {
            last--;
        }
        return Arrays.stream(factors, 0, last + 1)
                .mapToObj(factor -> factor == 0 ? "0" : String.format(Locale.ROOT, "%.4g", factor))
                .collect(Collectors.joining(between));
    }
}
