package org.nautile.models.comparison;

import org.jspecify.annotations.Nullable;
import org.nautile.Device;

/**
 * What the training of a model on a device came to.
 *
 * @param device where
 * @param source the data, in the model's words
 * @param parameters how many numbers are trained
 * @param batch the examples in a step
 * @param losses of the steps that are compared
 * @param recorded the times of steps as {@code nautile train} takes them
 * @param parts the times of steps op by op, the device waited for after each part
 * @param naive the times of steps op by op from the very first, the device not waited for; null if nobody asked
 * @param kernels of a recorded step; 0 where it is not recorded
 * @param launch seconds that a recorded kernel takes which has nothing to compute; NaN where none are recorded
 * @param devicePeak bytes of tensors and recorded steps at once; 0 where Java's heap holds them
 * @param hostPeak bytes of the whole process at once; 0 if unknown
 */
public record DeviceTrial(
        Device device,
        String source,
        long parameters,
        int batch,
        double[] losses,
        StepTimes recorded,
        StepTimes parts,
        @Nullable StepTimes naive,
        long kernels,
        double launch,
        long devicePeak,
        long hostPeak) {
    /**
     * Where losses differ most.
     *
     * @param value the absolute difference; NaN if a loss is none
     * @param step from 1
     */
    public record Difference(double value, int step) {}

    /**
     * The time of a step.
     *
     * @return seconds, the median of recorded steps
     */
    public double seconds() {
        return recorded.whole().median();
    }

    /**
     * The speed.
     *
     * @return examples per second, in the median step
     */
    public double samplesPerSecond() {
        return batch / seconds();
    }

    /**
     * The loss of the last step.
     *
     * @return of those that are compared
     */
    public double finalLoss() {
        return losses[losses.length - 1];
    }

    /**
     * How far the losses are from another device's.
     *
     * @param other a trial of as many steps
     * @return the largest difference, and the first step that has it
     */
    public Difference difference(DeviceTrial other) {
        Difference largest = new Difference(0, 1);
        for (int i = 0; i < losses.length; i++) {
            double difference = Math.abs(losses[i] - other.losses[i]);
            if (!(difference <= largest.value)) {
                largest = new Difference(difference, i + 1);
                if (Double.isNaN(difference)) {
                    return largest;
                }
            }
        }
        return largest;
    }

    /**
     * Whether this is a GPU, where a call returns before its work is done.
     *
     * @return true if so
     */
    public boolean asynchronous() {
        String kind = Device.kind(device.name());
        return kind.equals("cuda") || kind.equals("cudnn");
    }
}
