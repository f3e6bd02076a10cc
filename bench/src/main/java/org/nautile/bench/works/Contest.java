package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.models.comparison.Quantiles;

/**
 * Times a lane against others, in rounds: what is compared was measured a fraction of a second apart, in either order, because
 * other work on the machine changes the speed from second to second. Every lane has a first look; the fastest of the others then
 * meet the first lane again and again. A round counts if a loop of multiply-adds before and after it ran as fast as it can; when
 * twice the rounds are over, the best of the rest count too. Calls of more than 200 ms have no rounds to spare: all count.
 */
final class Contest {
    /** Of the others, so many at most meet the first again, if they are near: a single look cannot tell which is fastest. */
    private static final int RIVALS = 2;

    private static final double NEAR = 1.3;

    private static final double FREE = 0.97;
    private static final int PATIENCE = 2;
    private static final Timing LOOK = new Timing(0.1, 0.2, 1);
    private static final Timing ROUND = new Timing(0.03, 0.01, 1);
    private static final Timing ROUND_OF_LONG_CALLS = new Timing(0.03, 0, 1);
    private static final double LONG_CALL_MS = 200;

    private final List<Lane> lanes;
    private final int rounds;
    private final @Nullable Probe probe;

    /**
     * A contest of the first of some lanes with the rest.
     *
     * @param rounds how many should count
     * @param probe null if the machine is always taken to be free
     */
    Contest(List<Lane> lanes, int rounds, @Nullable Probe probe) {
        this.lanes = lanes;
        this.rounds = rounds;
        this.probe = probe;
    }

    /**
     * A lane that met the first.
     *
     * @param peer its name
     * @param own milliseconds of a call of the first lane, by round
     * @param its milliseconds of a call of this one
     */
    record Rival(String peer, double[] own, double[] its) {
        Quantiles times() {
            return Quantiles.of(DoubleStream.of(its));
        }

        /** How many times as fast as this one the first lane is, round by round. */
        Quantiles ratio() {
            return Quantiles.of(IntStream.range(0, own.length).mapToDouble(i -> its[i] / own[i]));
        }
    }

    /**
     * What came out for one work and number of threads.
     *
     * @param measurements a lane each: of those that met, the medians of the rounds that count
     * @param rivals those that met the first, the fastest first; empty if there was none, or the first failed
     * @param free rounds in which nothing else ran
     * @param counted rounds that count
     */
    record Result(List<Measurement> measurements, List<Rival> rivals, int free, int counted) {
        Measurement own() {
            return measurements.get(0);
        }
    }

    private record Round(double free, double[] ms) {}

    /** Measures. {@code watch} is told which lane is next. */
    Result measure(Work work, int threads, Consumer<Lane> watch) {
        List<Measurement> looks = new ArrayList<>();
        for (Lane lane : lanes) {
            watch.accept(lane);
            looks.add(lane.measure(work, threads, LOOK));
        }
        List<Integer> meeting = new ArrayList<>(IntStream.range(1, lanes.size())
                .boxed()
                .filter(i -> looks.get(i).problem() == null)
                .sorted(Comparator.comparing(i -> looks.get(i).medianMs()))
                .limit(RIVALS)
                .toList());
        meeting.removeIf(
                i -> looks.get(i).medianMs() > NEAR * looks.get(meeting.get(0)).medianMs());
        if (meeting.isEmpty() || looks.get(0).problem() != null) {
            return new Result(looks, List.of(), 0, 0);
        }
        meeting.add(0, 0);
        double longest =
                meeting.stream().mapToDouble(i -> looks.get(i).medianMs()).max().orElseThrow();
        boolean longCalls = longest > LONG_CALL_MS;
        Timing timing = longCalls ? ROUND_OF_LONG_CALLS : ROUND;
        int most = longCalls ? rounds : PATIENCE * rounds;
        List<Round> all = new ArrayList<>();
        int free = 0;
        double before = share(threads);
        for (int round = 0; free < rounds && round < most; round++) {
            double[] ms = new double[meeting.size()];
            double least = before;
            for (int i = 0; i < ms.length; i++) {
                int turn = round % 2 == 0 ? i : ms.length - 1 - i;
                Lane lane = lanes.get(meeting.get(turn));
                watch.accept(lane);
                Measurement measurement = lane.measure(work, threads, timing);
                if (measurement.problem() != null) {
                    looks.set(meeting.get(turn), measurement);
                    return new Result(looks, List.of(), 0, 0);
                }
                ms[turn] = measurement.medianMs();
                before = share(threads);
                least = Math.min(least, before);
            }
            all.add(new Round(least, ms));
            free += least >= FREE ? 1 : 0;
        }
        return result(looks, meeting, all, free);
    }

    private double share(int threads) {
        return probe == null ? 1 : probe.share(threads);
    }

    private Result result(List<Measurement> looks, List<Integer> meeting, List<Round> all, int free) {
        List<Round> best = all.stream()
                .sorted(Comparator.comparing(Round::free).reversed())
                .limit(rounds)
                .toList();
        double[][] ms = new double[meeting.size()][];
        for (int i = 0; i < ms.length; i++) {
            int place = i;
            ms[i] = best.stream().mapToDouble(round -> round.ms()[place]).toArray();
            Quantiles times = Quantiles.of(DoubleStream.of(ms[i]));
            looks.set(meeting.get(i), looks.get(meeting.get(i)).at(times.median(), times.least(), best.size()));
        }
        List<Rival> rivals = IntStream.range(1, ms.length)
                .mapToObj(i -> new Rival(lanes.get(meeting.get(i)).peer(), ms[0], ms[i]))
                .sorted(Comparator.comparing(rival -> rival.times().median()))
                .toList();
        return new Result(looks, rivals, Math.min(free, best.size()), best.size());
    }
}
