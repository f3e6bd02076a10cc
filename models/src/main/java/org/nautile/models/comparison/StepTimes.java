package org.nautile.models.comparison;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.nautile.optim.StepPart;

/**
 * How long steps took.
 *
 * @param steps of each step the seconds of each {@link StepPart}, and last those of no part
 */
public record StepTimes(List<double[]> steps) {
    /**
     * Whether the parts of the step are known; of a recorded step, and of one that a model takes in its own way, they are not.
     *
     * @return true if so
     */
    public boolean split() {
        return steps.stream().anyMatch(step -> step[StepPart.FORWARD.ordinal()] > 0);
    }

    /**
     * The times of a part.
     *
     * @param part which
     * @return seconds
     */
    public Quantiles part(StepPart part) {
        return of(step -> step[part.ordinal()]);
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

    static double sum(double... parts) {
        double sum = 0;
        for (double part : parts) {
            sum += part;
        }
        return sum;
    }
}
