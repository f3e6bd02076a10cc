package org.nautile.models.comparison;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.nautile.Phase;

/**
 * How long steps took.
 *
 * @param steps of each step the seconds of each phase {@link Phase#OF_STEP of a step}, and last those of none
 */
public record StepTimes(List<double[]> steps) {
    /**
     * Whether the parts of the step are known; of a recorded step, and of one that a model takes in its own way, they are not.
     *
     * @return true if so
     */
    public boolean split() {
        return steps.stream().anyMatch(step -> step[at(Phase.FORWARD)] > 0);
    }

    /**
     * The times of a part.
     *
     * @param part one {@link Phase#OF_STEP of a step}
     * @return seconds
     */
    public Quantiles part(Phase part) {
        return of(step -> step[at(part)]);
    }

    /**
     * The times of whole steps.
     *
     * @return seconds
     */
    public Quantiles whole() {
        return of(StepTimes::sum);
    }

    private Quantiles of(ToDoubleFunction<double[]> seconds) {
        return Quantiles.of(steps.stream().mapToDouble(seconds));
    }

    /** Where the seconds of a phase are. */
    static int at(Phase part) {
        return Phase.OF_STEP.indexOf(part);
    }

    static double sum(double... parts) {
        double sum = 0;
        for (double part : parts) {
            sum += part;
        }
        return sum;
    }
}
