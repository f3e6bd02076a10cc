package org.nautile.bench.works;

import java.util.List;
import org.nautile.Plan;
import org.nautile.models.Model;
import org.nautile.models.cli.Subcommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "describe")
public final class DescribeCommand implements Subcommand {
    @Parameters(index = "0")
    String name = "";
    @Option(names = "--threads")
    int threads = 1;

    public DescribeCommand() {}

    @Override
    public Integer call() throws Exception {
        org.nautile.Threads.set(threads);
        for (Model model : Model.all()) {
            if (!name.equals("all") && !model.name().equals(name)) continue;
            try {
            StepRun.Step step = StepRun.of(model, "cpu", new StepRun.Settings(null, null, 0.5));
            int[] places = Fusion.places(step.trace().parts(), step.parts());
            System.out.printf("# %s %s parts %d of %d, best %.1f us median %.1f us sum %.1f us runs %d bytes %d%n", model.name(), step.data(),
                    step.parts().size(), places.length, step.bestSeconds() * 1e6, step.medianSeconds() * 1e6,
                    step.parts().stream().mapToDouble(Plan.Part::seconds).sum() * 1e6, step.runs(), step.bytes());
            for (KernelCall call : step.trace().calls()) {
                StringBuilder args = new StringBuilder();
                for (Object a : call.arguments()) {
                    args.append(' ').append(a instanceof KernelCall.Region r ? r.shape() + (r.innermost() == 1 ? "" : "/" + r.innermost()) : a);
                }
                for (int i = call.first(); i < call.first() + call.count(); i++) {
                    Plan.Part u = step.trace().parts().get(i);
                    Plan.Part f = places[i] < 0 ? null : step.parts().get(places[i]);
                    System.out.printf("%s\t%s\t%s\t%s\t%s\t%.2f\t%.0f\t%s\t%s%n", model.name(), call.op(), call.direction(),
                            call.site(), f == null ? "-" : f.name(), f == null ? 0 : f.seconds() * 1e6, u.flops(), u.algorithm(), args);
                }
            }
            } catch (Exception e) { System.out.println("# " + model.name() + " FAILED " + e); e.printStackTrace(); }
        }
        return 0;
    }
}
