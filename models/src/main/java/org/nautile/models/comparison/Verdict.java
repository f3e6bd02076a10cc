package org.nautile.models.comparison;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.nautile.Device;
import org.nautile.Phase;

/** What the measurements of a device say, in one sentence. */
public final class Verdict {
    private static final double MUCH = 0.3; // of a step
    private static final double MOST = 0.5;
    private static final double MANY_TIMES = 0.1; // as fast; below, a factor is easier to read the other way round
    private static final double NEAR = 1.25;
    private static final int MORE = 16; // times the batch
    private static final List<Phase> COMPUTED = List.of(Phase.FORWARD, Phase.BACKWARD, Phase.OPTIMIZER);

    private Verdict() {}

    /**
     * The device that others are compared with: the first that is made to be fast.
     *
     * @param trials at least one
     * @return the first but for {@code reference}, if there is another
     */
    public static DeviceTrial base(List<DeviceTrial> trials) {
        return trials.stream()
                .filter(trial -> !is(trial, "reference"))
                .findFirst()
                .orElse(trials.get(0));
    }

    private static boolean is(DeviceTrial trial, String kind) {
        return Device.kind(trial.device().name()).equals(kind);
    }

    /**
     * The sentence.
     *
     * @param trial of the device
     * @param base of the device it is compared with; the same if it is this one
     * @return for example {@code "cuda is 0.4 times as fast as cpu here: ..."}
     */
    public static String of(DeviceTrial trial, DeviceTrial base) {
        if (trial.device() == base.device()) {
            return alone(trial);
        }
        double ratio = base.seconds() / trial.seconds();
        Quantiles mine = trial.recorded().whole();
        Quantiles its = base.recorded().whole();
        boolean apart = mine.quantile(3) < its.quantile(1) || its.quantile(3) < mine.quantile(1);
        if (!apart) {
            String near = ratio > 1 / NEAR && ratio < NEAR ? " is about as fast as " : " cannot be told apart from ";
            return trial.device() + near + base.device() + " here (" + Figures.number(ratio)
                    + " times as fast in the median): the middle halves of their steps' times overlap.";
        }
        String speed = ratio < MANY_TIMES
                ? " takes " + Figures.number(1 / ratio) + " times as long as "
                : " is " + Figures.number(ratio) + " times as fast as ";
        return trial.device() + speed + base.device() + " here: "
                + (ratio < 1 ? whySlower(trial, base) : whyFaster(trial, base)) + ".";
    }

    private static String alone(DeviceTrial trial) {
        String text = trial.device() + " takes " + Figures.time(trial.seconds()) + " a step, "
                + Figures.grouped(Math.round(trial.samplesPerSecond())) + " samples/s";
        return (trial.parts().split() ? text + "; op by op, most of it is " + largest(trial) : text)
                + (launching(trial) > MOST ? "; " + launches(trial) : "") + ".";
    }

    private static String largest(DeviceTrial trial) {
        Phase part = Phase.OF_STEP.stream()
                .max(Comparator.comparingDouble(one -> median(trial, one)))
                .orElseThrow();
        return name(part) + " (" + Figures.percent(share(trial, part)) + ")";
    }

    private static String whySlower(DeviceTrial trial, DeviceTrial base) {
        if (is(trial, "reference")) {
            return "it is plain Java with double accumulation on one thread, made to say what is right, not to be fast";
        }
        if (is(trial, "cuda-emulated")) {
            return "it runs the CUDA kernels thread by thread on the processor, to test them where there is no GPU";
        }
        if (launching(trial) > MOST) {
            return launches(trial);
        }
        if (share(trial, Phase.DATA) > MUCH) {
            return "op by op, " + Figures.percent(share(trial, Phase.DATA))
                    + " of a step is waiting for the examples, which the processor gathers";
        }
        if (share(trial, Phase.COPY) > MUCH) {
            return "op by op, " + Figures.percent(share(trial, Phase.COPY))
                    + " of a step is copying, the batch to the device and the loss back";
        }
        return excess(trial, base);
    }

    /** The part in which the most time is lost. */
    private static String excess(DeviceTrial trial, DeviceTrial base) {
        if (!trial.parts().split()) {
            return "its step takes " + Figures.time(trial.seconds()) + " instead of " + Figures.time(base.seconds());
        }
        Phase part = Phase.OF_STEP.stream()
                .max(Comparator.comparingDouble(one -> median(trial, one) - median(base, one)))
                .orElseThrow();
        double times = median(trial, part) / median(base, part);
        return times > 1
                ? "op by op, most is lost in " + name(part) + ", which takes " + Figures.number(times)
                        + " times as long"
                : "op by op no part is slower, so it is the recorded step as a whole that is";
    }

    private static String whyFaster(DeviceTrial trial, DeviceTrial base) {
        String limit = launching(trial) > MOST ? "; even so, " + launches(trial) : "";
        if (!trial.parts().split()) {
            return "its step takes " + Figures.time(trial.seconds()) + " instead of " + Figures.time(base.seconds())
                    + limit;
        }
        Phase part = COMPUTED.stream()
                .max(Comparator.comparingDouble(one -> median(base, one) - median(trial, one)))
                .orElseThrow();
        double times = median(base, part) / median(trial, part);
        return (times > 1
                        ? "op by op, most is gained in " + name(part) + ", " + Figures.number(times) + " times as fast"
                        : "op by op no part is faster, so what is gained is in running the recorded step as a whole")
                + limit;
    }

    /** The part of a recorded step that its kernels would take with nothing to compute. */
    private static double launching(DeviceTrial trial) {
        double share = trial.kernels() * trial.launch() / trial.seconds();
        return Double.isNaN(share) ? 0 : share;
    }

    private static String launches(DeviceTrial trial) {
        return String.format(
                Locale.ROOT,
                "a step has %d kernels of %s on average, and with nothing to compute each would take %s, so launching"
                        + " them costs more than computing them; try --batch %d",
                trial.kernels(),
                Figures.time(trial.seconds() / trial.kernels()),
                Figures.time(trial.launch()),
                MORE * trial.batch());
    }

    /** Of the medians of all parts, which a part disturbed by other programs now and then does not move. */
    private static double share(DeviceTrial trial, Phase part) {
        double all =
                Phase.OF_STEP.stream().mapToDouble(one -> median(trial, one)).sum();
        return trial.parts().split() ? median(trial, part) / all : 0;
    }

    private static double median(DeviceTrial trial, Phase part) {
        return trial.parts().part(part).median();
    }

    private static String name(Phase part) {
        return switch (part) {
            case DATA -> "waiting for data";
            case COPY -> "copying";
            case FORWARD -> "the forward pass";
            case BACKWARD -> "the backward pass";
            case OPTIMIZER -> "the optimizer";
            case GATHER, EVALUATION -> throw new IllegalArgumentException(part + " is no part of a step");
        };
    }

    /**
     * What is wrong with the number that one gets without warm-up and without waiting for the device.
     *
     * @param trial with naive times
     * @return sentences; empty without
     */
    public static String ofNaive(DeviceTrial trial) {
        StepTimes naive = trial.naive();
        if (naive == null) {
            return "";
        }
        List<double[]> steps = naive.steps();
        double first = StepTimes.sum(steps.get(0));
        double mean = steps.stream().mapToDouble(StepTimes::sum).average().orElseThrow();
        double honest = trial.parts().whole().median();
        String text = String.format(
                Locale.ROOT,
                "%s without warm-up: %s a step in the mean of the first %d, op by op, %s times as long as it takes"
                        + " (%s). The first took %s: the virtual machine compiles, memory is asked for, and kernels are"
                        + " loaded once, not in every step.",
                trial.device(),
                Figures.time(mean),
                steps.size(),
                Figures.number(mean / honest),
                Figures.time(honest),
                Figures.time(first));
        if (!naive.split()) {
            return text;
        }
        if (!trial.asynchronous()) {
            return text + " Waiting changes nothing here: a call returns when its work is done.";
        }
        return text
                + String.format(
                        Locale.ROOT,
                        " Without waiting for the device, forward, backward and optimizer seem to take %s; they take %s."
                                + " A call returns when the work is handed over, not when it is done; the rest of the time"
                                + " hides where the loss is read, in copying: %s instead of %s.",
                        Figures.time(computed(naive)),
                        Figures.time(computed(trial.parts())),
                        Figures.time(naive.part(Phase.COPY).median()),
                        Figures.time(trial.parts().part(Phase.COPY).median()));
    }

    private static double computed(StepTimes times) {
        return COMPUTED.stream().mapToDouble(part -> times.part(part).median()).sum();
    }
}
