package org.nautile.models.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Refuses values of options as wrong usage: one line that names option, value and range. */
public final class Refusal {
    private static final double LONGEST = 3600;

    private Refusal() {}

    /**
     * Refuses a number below a bound.
     *
     * @param least the bound
     * @param option for example {@code "--threads"}
     * @param value what was given; null for nothing, which is right
     * @param command the command it was given to
     */
    public static void below(int least, String option, @Nullable Integer value, CommandLine command) {
        if (value != null && value < least) {
            throw new ParameterException(command, option + " " + value + " is less than " + least);
        }
    }

    /**
     * Refuses what is no time to measure for.
     *
     * @param budget seconds, right between 0 and an hour
     * @param command the command whose {@code --budget} it is
     */
    public static void budget(double budget, CommandLine command) {
        if (!(budget > 0 && budget <= LONGEST)) {
            throw new ParameterException(
                    command, "--budget " + budget + " is not a number of seconds between 0 and 3600");
        }
    }
}
