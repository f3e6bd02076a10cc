package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nautile.Plan;
import org.nautile.backend.ActivationKernel;
import org.nautile.bench.works.KernelCall.Part;
import org.nautile.bench.works.KernelCall.Region;
import org.nautile.bench.works.StepRun.Step;
import org.nautile.bench.works.Traffic.Touch;

/** What a training step consists of: its kernels, and the layers they belong to. */
final class Description {
    private static final String UPDATE = "(optimizer)";
    private static final String SUMS = "(sums of gradients)";

    private final Step step;
    private final List<Kernel> kernels = new ArrayList<>();
    private final List<Layer> layers = new ArrayList<>();

    /**
     * A kernel of the step.
     *
     * @param call what was called
     * @param part what became of it; null where nothing is recorded
     * @param flops operations of products, those of neighbours that were fused into it included
     * @param operations what it computes, in operations of the peak rate
     * @param meetings how often the threads of a team wait for each other within it
     * @param touches the data that it touches
     * @param layer the place of its layer
     */
    record Kernel(
            KernelCall call,
            Plan.@Nullable Part part,
            double flops,
            double operations,
            double meetings,
            List<Touch> touches,
            int layer) {
        String name() {
            return part == null ? call.op() + " " + call.direction() : part.name();
        }

        /** The least traffic. */
        double bytes() {
            return KernelCost.traffic(call);
        }

        long tasks() {
            return part == null ? 1 : part.tasks();
        }
    }

    /**
     * A layer: an op of the forward pass, with its gradients.
     *
     * @param name the parameters' common name, or the function
     * @param kind the class of the layer; empty for what is in none, as the loss
     * @param output the shape of what it gives; empty for what is no layer
     * @param parameters how many numbers it learns, each counted where it is used first
     * @param flops operations of products in the forward pass
     */
    record Layer(String name, String kind, String output, long parameters, double flops) {}

    /** Of a step. */
    Description(Step step) {
        this.step = step;
        List<KernelCall> calls = step.trace().calls();
        IdentityHashMap<KernelCall, Integer> owner = new IdentityHashMap<>();
        findLayers(calls, owner);
        findKernels(calls, owner);
    }

    List<Kernel> kernels() {
        return kernels;
    }

    List<Layer> layers() {
        return layers;
    }

    Step step() {
        return step;
    }

    // ------------------------------------------------------------------------------------------------ layers

    private void findLayers(List<KernelCall> calls, Map<KernelCall, Integer> owner) {
        Map<Integer, List<KernelCall>> byOp = new LinkedHashMap<>(); // the kernels of each op of the forward pass
        for (KernelCall call : calls) {
            if (call.site().part() == Part.FORWARD
                    && call.site().opsBefore() < step.trace().outputs().size()) {
                byOp.computeIfAbsent(call.site().opsBefore(), op -> new ArrayList<>())
                        .add(call);
            }
        }
        Set<String> counted = new HashSet<>();
        List<List<KernelCall>> forward = new ArrayList<>();
        byOp.forEach((op, made) -> {
            Observed.Output output = step.trace().outputs().get(op);
            made.forEach(call -> owner.put(call, layers.size()));
            layers.add(layer(output, made, counted));
            forward.add(made);
        });
        int update = layers.size();
        layers.add(new Layer(SUMS, "", "", 0, 0));
        layers.add(new Layer(UPDATE, "", "", 0, 0));
        int[] used = new int[forward.size()];
        for (KernelCall call : calls) {
            if (!owner.containsKey(call)) {
                int place = call.site().part() == Part.OPTIMIZER ? update + 1 : ofBackward(call, forward, used);
                owner.put(call, place < 0 ? update : place);
            }
        }
    }

    private Layer layer(Observed.Output output, List<KernelCall> made, Set<String> counted) {
        long parameters = 0;
        String name = "";
        double flops = 0;
        for (KernelCall call : made) {
            flops += KernelCost.of(call, "").flops();
            for (Region region : call.regions()) {
                for (Map.Entry<String, Region> entry : step.parameters().entrySet()) {
                    if (entry.getValue().holds(region)) {
                        String full = entry.getKey();
                        name = name.isEmpty() ? full.substring(0, Math.max(0, full.lastIndexOf('.'))) : name;
                        name = name.isEmpty() ? full : name;
                        parameters +=
                                counted.add(full) ? entry.getValue().shape().size() : 0;
                    }
                }
            }
        }
        return new Layer(
                name.isEmpty() ? made.get(made.size() - 1).function() : name,
                output.layer(),
                output.shape().toString(),
                parameters,
                flops);
    }

    /**
     * The op of the forward pass whose gradients a kernel computes: of those of its class the one with which it has most memory in
     * common, and of several the latest that has the fewest kernels so far. -1 for none.
     */
    private static int ofBackward(KernelCall call, List<List<KernelCall>> forward, int[] used) {
        int best = -1;
        double most = -1;
        for (int i = forward.size() - 1; i >= 0; i--) {
            List<KernelCall> made = forward.get(i);
            if (!call.site().op().isEmpty()
                    && made.get(0).site().op().equals(call.site().op())) {
                long shared = call.regions().stream()
                        .filter(region -> made.stream()
                                .flatMap(other -> other.regions().stream())
                                .anyMatch(region::sharesMemoryWith))
                        .count();
                double score = shared - 1e-3 * used[i];
                if (score > most) {
                    most = score;
                    best = i;
                }
            }
        }
        if (best >= 0) {
            used[best]++;
        }
        return best;
    }

    // ------------------------------------------------------------------------------------------------ kernels

    private void findKernels(List<KernelCall> calls, Map<KernelCall, Integer> owner) {
        List<Plan.Part> parts = step.parts();
        int[] places = parts.isEmpty() ? new int[0] : Fusion.places(step.trace().parts(), parts);
        List<KernelCall> left = new ArrayList<>();
        List<Plan.@Nullable Part> leftParts = new ArrayList<>();
        List<Double> fused = new ArrayList<>();
        for (KernelCall call : calls) {
            List<Plan.Part> own = own(call, places, parts);
            if (parts.isEmpty() || !own.isEmpty()) {
                left.add(call);
                leftParts.add(own.isEmpty() ? null : together(own));
                fused.add(0.0);
            } else if (!left.isEmpty() && isCostly(call)) { // its neighbour computes the function now
                int last = fused.size() - 1;
                fused.set(
                        last,
                        fused.get(last)
                                + Efficiency.operations(KernelCost.of(call, "").terms()));
            }
        }
        List<List<Touch>> touches = Traffic.of(left, parts.isEmpty() ? Double.POSITIVE_INFINITY : allBytes());
        for (int i = 0; i < left.size(); i++) {
            KernelCall call = left.get(i);
            Plan.Part part = leftParts.get(i);
            String algorithm = part == null ? "" : part.algorithm();
            KernelCost cost = KernelCost.of(call, algorithm);
            kernels.add(new Kernel(
                    call,
                    part,
                    cost.flops(),
                    Efficiency.operations(cost.terms()) + fused.get(i),
                    cost.meetings(),
                    touches.get(i),
                    Objects.requireNonNull(owner.get(call))));
        }
    }

    /** Whether a function costs more than a comparison where it is fused into what computes its argument. */
    private static boolean isCostly(KernelCall call) {
        return call.op().equals("activation")
                && call.direction().equals("forward")
                && !call.arguments().contains(ActivationKernel.Function.RELU);
    }

    private static List<Plan.Part> own(KernelCall call, int[] places, List<Plan.Part> parts) {
        List<Plan.Part> own = new ArrayList<>();
        for (int i = call.first(); i < call.first() + call.count() && i < places.length; i++) {
            if (places[i] >= 0) {
                own.add(parts.get(places[i]));
            }
        }
        return own;
    }

    /** Several kernels of one call, as one. */
    private static Plan.Part together(List<Plan.Part> own) {
        Plan.Part first = own.get(0);
        return new Plan.Part(
                first.name(),
                own.stream().mapToLong(Plan.Part::tasks).max().orElse(1),
                own.stream().mapToLong(Plan.Part::workspace).max().orElse(0),
                own.stream().anyMatch(Plan.Part::team),
                own.stream().mapToDouble(Plan.Part::seconds).sum(),
                own.stream().mapToDouble(Plan.Part::flops).sum(),
                first.algorithm());
    }

    // ------------------------------------------------------------------------------------------------ sums

    long parameterCount() {
        return step.parameters().values().stream()
                .mapToLong(region -> region.shape().size())
                .sum();
    }

    /** Operations of products in the forward pass. */
    double forwardFlops() {
        return layers.stream().mapToDouble(Layer::flops).sum();
    }

    /** Operations of products of the whole step. */
    double flops() {
        return kernels.stream().mapToDouble(Kernel::flops).sum();
    }

    /** Least traffic of the whole step. */
    double bytes() {
        return kernels.stream().mapToDouble(Kernel::bytes).sum();
    }

    /** What a recorded step has of the memory, all in all: with so much touched in between, nothing is farther away. */
    private double allBytes() {
        return step.bytes() + 2 * weightBytes() + optimizerBytes(); // there are as many gradients as weights
    }

    double weightBytes() {
        return step.parameters().values().stream().mapToDouble(Region::bytes).sum();
    }

    /** What an optimizer keeps of each parameter: what is as large as the parameters that it changes, beside these and gradients. */
    double optimizerBytes() {
        double bytes = 0;
        for (KernelCall call : step.trace().calls()) {
            if (call.site().part() == Part.OPTIMIZER && call.direction().equals("step")) {
                List<Region> regions = call.regions();
                for (Region region : regions.subList(Math.min(2, regions.size()), regions.size())) {
                    boolean large = region.shape().equals(regions.get(0).shape());
                    bytes += large && region.shape().size() > 1 ? region.bytes() : 0;
                }
            }
        }
        return bytes;
    }
}
