package org.nautile.models.profile;

import java.util.List;

/**
 * What the calls of an op in one direction and by one algorithm took, in all profiled steps together.
 *
 * @param op the op
 * @param direction forward, backward or step
 * @param algorithm how it computed; empty where there is no choice
 * @param calls their number
 * @param seconds their time
 * @param share of the time of the steps, 0 to 1
 * @param flops their floating-point operations; 0 where they do not matter or are not known
 * @param bytes the least that they read and write
 */
public record OpTime(
        String op,
        String direction,
        String algorithm,
        long calls,
        double seconds,
        double share,
        double flops,
        double bytes) {
    static OpTime of(List<KernelRun> runs, double stepSeconds) {
        KernelRun first = runs.get(0);
        double seconds = runs.stream().mapToDouble(KernelRun::seconds).sum();
        return new OpTime(
                first.op(),
                first.direction(),
                first.algorithm(),
                runs.size(),
                seconds,
                seconds / stepSeconds,
                runs.stream().mapToDouble(KernelRun::flops).sum(),
                runs.stream().mapToDouble(KernelRun::bytes).sum());
    }

    /**
     * The op and the direction.
     *
     * @return for example {@code "conv2d backward"}
     */
    public String name() {
        return op + " " + direction;
    }
}
