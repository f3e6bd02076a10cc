package org.nautile.bench.works;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/**
 * A work with its inputs on a device. What it allocated belongs to the scope in which it was made, or is freed by {@code close}.
 *
 * @param run what is timed
 * @param results computes the work once, before it is timed, and returns what must equal the reference's results
 * @param check finds out whether a result is right where the reference would take too long; null to compare with it
 * @param close frees what no scope owns
 */
record Job(
        Runnable run,
        Supplier<List<Tensor>> results,
        @Nullable Runnable check,
        Runnable close) {
    Job(Runnable run, Supplier<List<Tensor>> results) {
        this(run, results, null, () -> {});
    }
}
