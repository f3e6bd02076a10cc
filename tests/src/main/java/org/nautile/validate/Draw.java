package org.nautile.validate;

import org.nautile.Generator;

/** How the elements of an input are made. */
@FunctionalInterface
public interface Draw {
    /**
     * The next element.
     *
     * @param random the input's own sequence
     * @param index the element's place, row by row
     * @return the element, before it is rounded to the input's type
     */
    double next(Generator random, int index);

    /**
     * Integers, each as likely as the others. Sums of products of small integers are exact in float32, whatever their order.
     *
     * @param low the least
     * @param high the largest, {@code >= low}
     * @return the rule
     */
    static Draw integers(int low, int high) {
        return (random, index) -> low + random.nextInt(high - low + 1);
    }

    /**
     * Numbers of an interval.
     *
     * @param low the least
     * @param high the bound
     * @return the rule
     */
    static Draw uniform(double low, double high) {
        return (random, index) -> low + (high - low) * random.nextDouble();
    }

    /**
     * Numbers from a normal distribution.
     *
     * @param mean its mean
     * @param deviation its standard deviation
     * @return the rule
     */
    static Draw normal(double mean, double deviation) {
        return (random, index) -> mean + deviation * random.nextGaussian();
    }

    /**
     * The given numbers, again and again.
     *
     * @param values at least one
     * @return the rule
     */
    static Draw values(double... values) {
        return (random, index) -> values[index % values.length];
    }

    /**
     * Numbers that differ by at least a step: for maxima without ties.
     *
     * @param prime above the number of elements, a prime
     * @param step the least difference
     * @return the rule
     */
    static Draw distinct(int prime, double step) {
        return (random, index) -> ((index * 104_729L + 7) % prime - prime / 2) * step;
    }

    /**
     * This rule without the neighbourhood of a point, where a function has a kink.
     *
     * @param point the point
     * @param gap the least distance from it
     * @return the rule
     */
    default Draw awayFrom(double point, double gap) {
        return (random, index) -> {
            double value = next(random, index);
            return Math.abs(value - point) < gap ? point + Math.copySign(gap, value - point) : value;
        };
    }
}
