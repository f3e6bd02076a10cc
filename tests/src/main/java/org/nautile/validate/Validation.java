package org.nautile.validate;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Device;

/**
 * The outcome of all cases and checks of one subject on one device.
 *
 * @param subject an op's name, for example
 * @param device the device's name
 * @param cases the number of cases
 * @param checks the number of checks that were made
 * @param worst the measure that used the most of its budget
 * @param failures a text for each check that failed
 */
public record Validation(String subject, String device, int cases, int checks, Measure worst, List<String> failures) {
    /**
     * Runs every case of an op through every check that applies to it.
     *
     * @param op one of {@link OpCases#ops}
     * @param device where
     * @return the outcome
     */
    public static Validation ofOp(String op, Device device) {
        return ofOp(op, OpCases.of(op), device);
    }

    /** Likewise with cases that are at hand: what is right for them is computed once for all devices. */
    static Validation ofOp(String op, List<OpCase> cases, Device device) {
        Tally tally = new Tally();
        for (OpCase test : cases) {
            for (Check check : Check.values()) {
                if (check.applies(test, device)) {
                    tally.count(test + ", " + check, () -> test.run(check, device));
                }
            }
        }
        return tally.of(op, device, cases.size());
    }

    /** A check that can be run. */
    interface Checked {
        Measure run() throws Exception;
    }

    /** Counts checks. */
    static final class Tally {
        private final List<String> failures = new ArrayList<>();
        private int checks;
        private Measure worst = Measure.NONE;

        /** Makes a check; whatever it throws is a failure. */
        void count(String name, Checked check) {
            checks++;
            try {
                worst = Measure.worse(worst, check.run());
            } catch (Exception | LinkageError | AssertionError e) {
                failures.add(name + ": " + (e instanceof Mismatch ? e.getMessage() : e));
            }
        }

        Validation of(String subject, Device device, int cases) {
            return new Validation(subject, device.name(), cases, checks, worst, List.copyOf(failures));
        }
    }
}
