package org.nautile.models;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks of values that options of several models have: an exception names option, value and range on one line. */
public final class Options {
    private Options() {}

    /**
     * A number with a lower bound.
     *
     * @param option its name, for example {@code "--layers"}
     * @param value what the user gave
     * @param least the bound
     * @throws IllegalArgumentException if it is less
     */
    public static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " " + value + " is less than " + least);
        }
    }

    /**
     * A number of at least one with an upper bound.
     *
     * @param option its name
     * @param value what the user gave; null for nothing, which is right
     * @param most the bound
     * @throws IllegalArgumentException if it is not from 1 to that
     */
    public static void fromOne(String option, @Nullable Integer value, int most) {
        if (value != null) {
            between(option, value, 1, most);
        }
    }

    /**
     * A number with two bounds.
     *
     * @param option its name
     * @param value what the user gave
     * @param least the lower bound
     * @param most the upper bound
     * @throws IllegalArgumentException if it is beyond one
     */
    public static void between(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " " + value + " is not from " + least + " to " + most);
        }
    }

    /**
     * Values of which each is given once.
     *
     * @param option its name, for example {@code "--cell"}
     * @param values what the user gave
     * @throws IllegalArgumentException if one is there twice
     */
    public static void distinct(String option, List<?> values) {
        if (new HashSet<>(values).size() < values.size()) {
            throw new IllegalArgumentException(option + " " + values + " names one twice");
        }
    }

    /**
     * The share of what is dropped, of which something must be left.
     *
     * @param option its name, for example {@code "--dropout"}
     * @param value what the user gave
     * @throws IllegalArgumentException if it is not from 0 to less than 1
     */
    public static void share(String option, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(option + " " + value + " is not from 0 to less than 1");
        }
    }
}
