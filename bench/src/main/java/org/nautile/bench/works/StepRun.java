package org.nautile.bench.works;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.autograd.Autograd;
import org.nautile.models.Model;
import org.nautile.models.Run;
import org.nautile.models.charts.Picture;
import org.nautile.models.cli.CommandException;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;

/**
 * A training that ends when one step is known: the first network that a model trains takes steps on little data until two
 * batches had the same shape.
 */
final class StepRun implements Run {
    private static final int EPOCHS = 20; // until a batch of one shape came twice, at the latest
    private static final int BATCHES = 4; // at least, of the data that is loaded

    private final Model model;
    private final Device device;
    private final Settings settings;
    private final DoublePredicate again;
    private String data = "";
    private @Nullable Step step;

    private StepRun(Model model, Device device, Settings settings, DoublePredicate again) {
        this.model = model;
        this.device = device;
        this.settings = settings;
        this.again = again;
    }

    /**
     * What the user chose.
     *
     * @param batch examples in a step; null for the model's
     * @param data the folder of data; null for where nautile train looks
     * @param seconds of a round for the step, and as long again for its kernels
     */
    record Settings(@Nullable Integer batch, @Nullable Path data, double seconds) {}

    /**
     * A training step.
     *
     * @param data on what it was taken
     * @param parameters the regions of the parameters by name
     * @param trace what it computes, in order
     * @param parts the kernels of the recorded step, each with its time; empty on {@code reference}
     * @param bytes memory for what is computed between the layers and in kernels
     * @param bestSeconds the fastest run
     * @param medianSeconds of all runs
     * @param ownSeconds what the calling thread computed in the run in which that was least; 0 if nobody says
     * @param runs how many were timed
     */
    record Step(
            String data,
            Map<String, KernelCall.Region> parameters,
            Observed.Trace trace,
            List<Plan.Part> parts,
            long bytes,
            double bestSeconds,
            double medianSeconds,
            double ownSeconds,
            int runs) {}

    /** Ends a model's training when the step is known. */
    private static final class Known extends RuntimeException {
        private static final long serialVersionUID = 1;

        Known() {
            super("the step is known", null, false, false);
        }
    }

    /**
     * The step of a model on a device, which is the default one meanwhile.
     *
     * @param again asked after each round, given the seconds of the fastest run until then: whether to measure another round
     */
    static Step of(Model model, String device, Settings settings, DoublePredicate again) throws IOException {
        Device before = Device.defaultDevice();
        Device watched = Device.of(device, new Observed(Device.of(device).backend()));
        StepRun run = new StepRun(model, watched, settings, again);
        Device.setDefault(watched);
        try (Autograd.Pause pause = ((Observed) watched.backend()).watchOps()) {
            ((Observed) watched.backend()).clear();
            model.train(run);
        } catch (Known e) {
            if (run.step != null) {
                return run.step;
            }
        } finally {
            Device.setDefault(before);
        }
        throw new CommandException(model.name() + ": no two batches of one shape came in " + EPOCHS
                + " passes over the data, so no step was recorded");
    }

    @Override
    public List<EpochResult> train(Trainer.Builder builder, Module network) {
        Observed observed = (Observed) device.backend();
        Trainer[] trainer = new Trainer[1];
        Consumer<Plan> explanation = plan -> {
            if (step == null) { // the other shapes of batches, if there are some, are not what was observed
                step = measured(plan, network, observed);
            }
        };
        trainer[0] = builder.epochs(EPOCHS)
                .batchSize(batch())
                .seed(seed())
                .device(device)
                .recorded(true)
                .explain(explanation)
                .listener(new TrainerListener() {
                    @Override
                    public void batchDone(int epoch, int batch, double loss) {
                        if (observed.stepped()) {
                            trainer[0].stop();
                        }
                    }
                })
                .build();
        trainer[0].run();
        throw new Known();
    }

    private Step measured(Plan plan, Module network, Observed observed) {
        Map<String, KernelCall.Region> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> entry : network.parameters().entrySet()) {
            parameters.put(entry.getKey(), KernelCall.Region.of(entry.getValue().value()));
        }
        Observed.Trace trace = observed.recorded();
        if (trace == null) { // plain Java, of which nothing is recorded
            observed.clear();
            plan.run();
            trace = observed.done();
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        boolean counted = threads.isCurrentThreadCpuTimeSupported();
        List<Double> times = new ArrayList<>();
        double best = Double.POSITIVE_INFINITY;
        double own = Double.POSITIVE_INFINITY;
        Fastest kernels = new Fastest(plan);
        do {
            plan.measure(false);
            plan.run();
            device.backend().synchronize();
            long begin = System.nanoTime();
            for (int i = 0; i < 3 || (System.nanoTime() - begin) / 1e9 < settings.seconds(); i++) {
                long computed = counted ? threads.getCurrentThreadCpuTime() : 0;
                long start = System.nanoTime();
                plan.run();
                device.backend().synchronize();
                double seconds = (System.nanoTime() - start) / 1e9;
                times.add(seconds);
                best = Math.min(best, seconds);
                own = Math.min(own, counted ? (threads.getCurrentThreadCpuTime() - computed) / 1e9 : 0);
            }
            kernels.measure(settings.seconds());
        } while (again.test(best));
        double[] sorted = times.stream().mapToDouble(x -> x).sorted().toArray();
        return new Step(
                data,
                parameters,
                trace,
                kernels.parts(),
                plan.bytes(),
                best,
                sorted[sorted.length / 2],
                own,
                sorted.length);
    }

    /** Each kernel's fastest run: on a machine shared with others, most are disturbed now and then. */
    static final class Fastest {
        private final Plan plan;
        private final double[] seconds;

        Fastest(Plan plan) {
            this.plan = plan;
            this.seconds = new double[plan.parts().size()];
            Arrays.fill(seconds, Double.POSITIVE_INFINITY);
        }

        /** Runs the plan at least three times, and for some seconds. */
        void measure(double budget) {
            long begin = System.nanoTime();
            for (int i = 0; i < 3 || (System.nanoTime() - begin) / 1e9 < budget; i++) {
                plan.measure(true);
                plan.run();
                List<Plan.Part> parts = plan.parts();
                for (int k = 0; k < seconds.length; k++) {
                    seconds[k] = Math.min(seconds[k], parts.get(k).seconds());
                }
            }
        }

        List<Plan.Part> parts() {
            List<Plan.Part> parts = new ArrayList<>();
            for (Plan.Part part : plan.parts()) {
                parts.add(new Plan.Part(
                        part.name(),
                        part.tasks(),
                        part.workspace(),
                        part.team(),
                        seconds[parts.size()],
                        part.flops(),
                        part.algorithm()));
            }
            return parts;
        }
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public int epochs() {
        return EPOCHS;
    }

    @Override
    public int batch() {
        return settings.batch() != null ? settings.batch() : model.defaults().batch();
    }

    @Override
    public double learningRate() {
        return model.defaults().learningRate();
    }

    @Override
    public long seed() {
        return 0;
    }

    @Override
    public int limit() {
        return quick() ? Integer.MAX_VALUE : Math.multiplyExact(BATCHES, batch());
    }

    @Override
    public boolean quick() {
        return batch() <= model.defaults().batch();
    }

    @Override
    public @Nullable Path data() {
        return settings.data();
    }

    @Override
    public void describe(String what, long parameters) {
        data = what;
    }

    @Override
    public boolean interrupted() {
        return false;
    }

    @Override
    public void picture(String name, Picture picture) {}

    @Override
    public void file(String name, String text) {}

    @Override
    public void say(String line) {}

    @Override
    public void result(String line) {}
}
