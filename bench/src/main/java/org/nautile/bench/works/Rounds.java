package org.nautile.bench.works;

import java.util.function.DoublePredicate;
import java.util.function.Supplier;

/**
 * Measures roofs and a step in turn until neither the step nor the rate of multiply-adds gets better. On a machine shared with
 * others, what a processor can do changes from second to second: measured once, roofs and step may be those of different
 * machines.
 */
final class Rounds implements DoublePredicate {
    private static final int LEAST = 2;
    private static final int MOST = 6;
    private static final double BETTER = 1.03; // so many times faster, and another round is worth its time

    private final Supplier<Processor> roofs;
    private Processor processor;
    private double fastest = Double.POSITIVE_INFINITY;
    private int rounds;

    /**
     * Measures the roofs for the first time.
     *
     * @param roofs measures them
     */
    Rounds(Supplier<Processor> roofs) {
        this.roofs = roofs;
        this.processor = roofs.get();
    }

    /** The best roofs until now. */
    Processor processor() {
        return processor;
    }

    /**
     * Measures the roofs after a round.
     *
     * @param seconds the fastest step until now
     * @return whether another round is worth its time
     */
    @Override
    public boolean test(double seconds) {
        Processor before = processor;
        processor = before.best(roofs.get());
        boolean better = seconds * BETTER < fastest
                || processor.alone().gflops() > BETTER * before.alone().gflops()
                || processor.team().gflops() > BETTER * before.team().gflops();
        fastest = seconds;
        rounds++;
        return rounds < LEAST || (better && rounds < MOST);
    }
}
