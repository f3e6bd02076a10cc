package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.models.comparison.Figures;

/**
 * A size from which on a device is the faster of two.
 *
 * @param size where the lines cross, between two sizes that were measured, both axes being logarithmic
 * @param seconds of both there
 * @param winner the device that is faster above
 * @param loser the other one
 */
record Crossing(double size, double seconds, String winner, String loser) {
    /** Lines this near are one line: as much differs from run to run where other programs run, too. */
    private static final double SAME = 1.2;

    private static final int TURNS = 3; // so many crossings say that the lines are about the same

    /**
     * Times by size of a device.
     *
     * @param device its name
     * @param sizes increasing
     * @param seconds as many
     */
    record Line(String device, double[] sizes, double[] seconds) {}

    /**
     * Where one of two lines gets below the other, of the sizes that both have from the beginning.
     *
     * @return empty if one is never clearly faster where the other was before; or if that changes so often that they are the same
     */
    static List<Crossing> of(Line a, Line b) {
        List<Crossing> found = all(a, b);
        return found.size() < TURNS ? found : List.of();
    }

    private static List<Crossing> all(Line a, Line b) {
        List<Crossing> found = new ArrayList<>();
        int before = -1; // the last size at which one was clearly faster
        for (int i = 0; i < common(a, b); i++) {
            if (Math.abs(gap(a, b, i)) < Math.log(SAME)) {
                continue;
            }
            if (before >= 0 && (gap(a, b, i) > 0) != (gap(a, b, before) > 0)) {
                found.add(between(a, b, before, i));
            }
            before = i;
        }
        return found;
    }

    private static int common(Line a, Line b) {
        return Math.min(a.sizes.length, b.sizes.length);
    }

    /** How much longer a takes; 0 if they take the same. */
    private static double gap(Line a, Line b, int i) {
        return Math.log(a.seconds[i] / b.seconds[i]);
    }

    private static Crossing between(Line a, Line b, int from, int to) {
        double part = gap(a, b, from) / (gap(a, b, from) - gap(a, b, to));
        boolean overtaken = gap(a, b, to) > 0; // a is
        return new Crossing(
                on(a.sizes, from, to, part),
                on(a.seconds, from, to, part),
                overtaken ? b.device : a.device,
                overtaken ? a.device : b.device);
    }

    /** On the straight line between two points, on a logarithmic axis. */
    private static double on(double[] values, int from, int to, double part) {
        return values[from] * Math.pow(values[to] / values[from], part);
    }

    /**
     * What happens between two devices, in words.
     *
     * @param a a device without copies
     * @param b another
     * @param aCopied the first with copies
     * @param bCopied the other
     * @return for example {@code "cuda overtakes cpu at 352 without copies, at 900 with them"}
     */
    static String sentence(Line a, Line b, Line aCopied, Line bCopied) {
        Outcome without = Outcome.of(a, b);
        Outcome with = Outcome.of(aCopied, bCopied);
        return without.subject.equals(with.subject)
                ? without.subject
                        + without.detail
                        + (without.detail.isEmpty() ? "" : " without copies," + with.detail + " with them")
                : "without copies " + without.subject + without.detail + "; with them " + with.subject + with.detail;
    }

    /** What happens, and where or how much. */
    private record Outcome(String subject, String detail) {
        static Outcome of(Line a, Line b) {
            List<Crossing> crossings = all(a, b);
            double most = IntStream.range(0, common(a, b))
                    .mapToDouble(i -> gap(a, b, i))
                    .boxed()
                    .max(Comparator.comparingDouble(Math::abs))
                    .orElse(0.0);
            if (crossings.size() >= TURNS || Math.abs(most) < Math.log(SAME)) {
                return new Outcome(a.device + " and " + b.device + " are about equally fast", "");
            }
            if (crossings.isEmpty()) {
                String winner = most > 0 ? b.device : a.device;
                String loser = most > 0 ? a.device : b.device;
                return new Outcome(
                        winner + " is faster than " + loser + ",",
                        " at most " + Figures.number(Math.exp(Math.abs(most))) + " times");
            }
            Crossing first = crossings.get(0);
            String again = crossings.size() == 1
                    ? ""
                    : ", and " + first.loser + " it again at " + Math.round(crossings.get(1).size);
            return new Outcome(first.winner + " overtakes " + first.loser, " at " + Math.round(first.size) + again);
        }
    }
}
