package org.nautile.optim;

/**
 * A learning rate that changes in training: with the epochs or with the steps, as {@link Trainer.Builder#schedule} or {@link
 * Trainer.Builder#scheduleSteps} says. The formulas are those of {@code torch.optim.lr_scheduler}.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * The rate at a time.
     *
     * @param base the rate that the optimizer was made with
     * @param time how many epochs, or steps, are done: 0 for the first
     * @return the learning rate, {@code >= 0}
     */
    double rate(double base, long time);

    /**
     * Times a factor every so often: {@code StepLR}.
     *
     * @param size how long the rate stays, {@code >= 1}
     * @param gamma the factor, {@code >= 0}
     * @return {@code base * gamma^floor(time / size)}
     */
    static Schedule step(long size, double gamma) {
        positive("step size", size);
        notNegative("gamma", gamma);
        return (base, time) -> {
            long times = time / size;
            return base * Math.pow(gamma, (double) times);
        };
    }

    /**
     * Times a factor at given times: {@code MultiStepLR}.
     *
     * @param gamma the factor, {@code >= 0}
     * @param milestones the times
     * @return {@code base * gamma^n} where n of the milestones have come
     */
    static Schedule multiStep(double gamma, long... milestones) {
        notNegative("gamma", gamma);
        long[] times = milestones.clone();
        return (base, time) -> {
            double rate = base;
            for (long milestone : times) {
                rate = time >= milestone ? rate * gamma : rate;
            }
            return rate;
        };
    }

    /**
     * Times a factor each time: {@code ExponentialLR}.
     *
     * @param gamma the factor, {@code >= 0}
     * @return {@code base * gamma^time}
     */
    static Schedule exponential(double gamma) {
        return step(1, gamma);
    }

    /**
     * Half a wave from the base down to a least rate, and up again if it goes on: {@code CosineAnnealingLR}.
     *
     * @param length the time of the way down, {@code >= 1}
     * @param least the rate then, {@code >= 0}
     * @return {@code least + (base - least) * (1 + cos(pi * time / length)) / 2}
     */
    static Schedule cosine(long length, double least) {
        positive("cosine length", length);
        notNegative("least rate", least);
        return (base, time) -> between(base, least, (double) time / length);
    }

    /**
     * A straight way up to the base, which then stays: {@code LinearLR}, the linear warm-up.
     *
     * @param start the part of the base at first, 0 to 1
     * @param length the time of the way up, {@code >= 1}
     * @return {@code base * (start + (1 - start) * min(time / length, 1))}
     */
    static Schedule linearWarmup(double start, long length) {
        positive("warm-up length", length);
        notNegative("start", start);
        return (base, time) -> base * (start + (1 - start) * Math.min((double) time / length, 1));
    }

    /**
     * With PyTorch's defaults: up for 30 % of the time from a 25th of the base, down to a 10 000th of where it began.
     *
     * @param length all steps of the training, {@code >= 1}
     * @return the schedule
     */
    static Schedule oneCycle(long length) {
        return oneCycle(length, 0.3, 25, 1e4);
    }

    /**
     * Half a wave up to the base and one down to almost nothing: {@code OneCycleLR} with the base as {@code max_lr}.
     *
     * @param length all steps of the training, {@code >= 1}; after the last the rate stays
     * @param up the part of the time that the way up takes, 0 to 1
     * @param startDivisor the base divided by the first rate, {@code > 0}
     * @param endDivisor the first rate divided by the last, {@code > 0}
     * @return the schedule
     */
    static Schedule oneCycle(long length, double up, double startDivisor, double endDivisor) {
        positive("length", length);
        if (!(up >= 0 && up <= 1 && startDivisor > 0 && endDivisor > 0)) {
            throw new IllegalArgumentException("oneCycle: up " + up + " must be from 0 to 1, the divisors "
                    + startDivisor + " and " + endDivisor + " > 0");
        }
        double top = up * length - 1;
        double last = length - 1.0;
        return (base, time) -> {
            double first = base / startDivisor;
            if (time < top) {
                return between(first, base, time / top);
            }
            return top == last
                    ? base
                    : between(base, first / endDivisor, (Math.min((double) time, last) - top) / (last - top));
        };
    }

    /** Half a wave from one rate, at 0, to another, at 1. */
    private static double between(double from, double to, double part) {
        return to + (from - to) * (1 + Math.cos(Math.PI * part)) / 2;
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " " + value + " is not >= 1");
        }
    }

    private static void notNegative(String name, double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException(name + " " + value + " is not >= 0");
        }
    }
}
