package org.nautile.models.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.nautile.Phase;

/**
 * The steps of a training that a {@link Profiler} has seen.
 *
 * @param steps when they were, in order; all on one thread
 * @param kernels what ran, on any thread, in order of their ends; also between steps
 * @param phases what the steps consist of, but for forward passes, and what other threads did meanwhile
 * @param warmUp the steps before the first of these
 * @param laterSeconds the times of some steps after them, which ran as they do when nobody looks; empty if there were none
 */
public record Profile(
        List<PhaseTime> steps, List<KernelRun> kernels, List<PhaseTime> phases, int warmUp, double... laterSeconds) {
    /** What lies in none of the phases: Java between them. */
    public static final String BETWEEN = "between phases";

    /** The thread that trains. */
    Thread trains() {
        return steps.get(0).thread();
    }

    /**
     * The time of all steps together.
     *
     * @return seconds
     */
    public double seconds() {
        return steps.stream().mapToDouble(PhaseTime::seconds).sum();
    }

    /**
     * The kernels that belong to steps.
     *
     * @return those that the training thread ran in them
     */
    public List<KernelRun> inSteps() {
        return kernels.stream()
                .filter(run -> run.thread() == trains())
                .filter(run -> steps.stream().anyMatch(step -> run.start() >= step.start() && run.end() <= step.end()))
                .toList();
    }

    /**
     * What the profiler itself took in the steps, beside the kernels.
     *
     * @return seconds
     */
    public double overheadSeconds() {
        return 1e-9 * inSteps().stream().mapToLong(KernelRun::overhead).sum();
    }

    /**
     * What each op took in the steps.
     *
     * @return the op that took longest first
     */
    public List<OpTime> ops() {
        double all = seconds();
        return inSteps().stream()
                .collect(Collectors.groupingBy(
                        run -> List.of(run.op(), run.direction(), run.algorithm()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .values()
                .stream()
                .map(runs -> OpTime.of(runs, all))
                .sorted(Comparator.comparingDouble(OpTime::seconds).reversed())
                .toList();
    }

    /**
     * The phases of the training thread, with forward passes: the time between two other phases of a step in which kernels ran.
     *
     * @return in order of their starts; one that contains another before it
     */
    List<PhaseTime> lane() {
        List<PhaseTime> lane = new ArrayList<>(
                phases.stream().filter(phase -> phase.thread() == trains()).toList());
        List<KernelRun> runs = inSteps();
        for (PhaseTime step : steps) {
            long from = step.start();
            List<PhaseTime> parts = phases.stream()
                    .filter(phase -> phase.thread() == trains() && step.contains(phase))
                    .sorted(Comparator.comparingLong(PhaseTime::start))
                    .toList();
            for (PhaseTime part : parts) {
                addForward(lane, from, part.start(), runs);
                from = Math.max(from, part.end());
            }
            addForward(lane, from, step.end(), runs);
        }
        lane.sort(ORDER);
        return lane;
    }

    /** An outer stretch of time before those within it. */
    static final Comparator<PhaseTime> ORDER =
            Comparator.comparingLong(PhaseTime::start).thenComparing(PhaseTime::end, Comparator.reverseOrder());

    private void addForward(List<PhaseTime> lane, long from, long to, List<KernelRun> runs) {
        if (runs.stream().anyMatch(run -> run.start() >= from && run.end() <= to)) {
            // Apart from its neighbours by a nanosecond: viewers that round must not see an overlap.
            lane.add(new PhaseTime(Phase.FORWARD.label(), trains(), from + 1, to - 1));
        }
    }

    /**
     * What the phases took in all steps together, without the phases within them.
     *
     * @return seconds by the labels of the phases {@link Phase#OF_STEP of a step}, and what lies {@link #BETWEEN} them
     */
    public Map<String, Double> phaseSeconds() {
        Map<String, Double> sums = new LinkedHashMap<>();
        Phase.OF_STEP.forEach(phase -> sums.put(phase.label(), 0.0));
        double rest = seconds();
        List<PhaseTime> lane = lane().stream()
                .filter(phase -> steps.stream().anyMatch(step -> step.contains(phase)))
                .toList();
        for (PhaseTime phase : lane) {
            double own = phase.seconds();
            sums.merge(phase.name(), own, Double::sum);
            boolean outermost = true;
            for (PhaseTime outer : lane) {
                if (outer.contains(phase) && ORDER.compare(outer, phase) < 0) {
                    outermost = false;
                    sums.merge(outer.name(), -own, Double::sum); // phases are nested at most once
                }
            }
            rest -= outermost ? own : 0;
        }
        sums.put(BETWEEN, rest);
        return sums;
    }

    /**
     * The most memory of the device that was in use after a kernel.
     *
     * @return bytes; negative if nobody counts
     */
    public long memory() {
        return kernels.stream().mapToLong(KernelRun::memory).max().orElse(-1);
    }

    /**
     * The mean time of the steps after the profile.
     *
     * @return seconds; NaN if there were none
     */
    public double laterStepSeconds() {
        return Arrays.stream(laterSeconds).average().orElse(Double.NaN);
    }
}
