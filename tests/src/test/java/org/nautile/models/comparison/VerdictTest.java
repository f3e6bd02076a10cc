package org.nautile.models.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nautile.Device;
import org.nautile.Devices;

/** The sentences, of times that are given. */
class VerdictTest {
    private static final double[] PARTS = {0.0001, 0.0002, 0.001, 0.002, 0.0005, 0};

    /** A device whose recorded steps all take so long. */
    private static DeviceTrial trial(Device device, double seconds, long kernels, double launch, double... parts) {
        StepTimes recorded = new StepTimes(Collections.nCopies(5, new double[] {0, 0, 0, 0, 0, seconds}));
        StepTimes split = new StepTimes(Collections.nCopies(5, parts));
        return new DeviceTrial(
                device, "data", 10, 64, new double[] {2, 1}, recorded, split, null, kernels, launch, 0, 0);
    }

    @Test
    void theOthersAreComparedWithTheFirstThatIsMadeToBeFast() {
        DeviceTrial slow = trial(Devices.reference(), 1, 0, Double.NaN, PARTS);
        DeviceTrial fast = trial(Devices.cpu(), 0.004, 10, 1e-7, PARTS);
        assertEquals(fast, Verdict.base(List.of(slow, fast)));
        assertEquals(slow, Verdict.base(List.of(slow)));
        assertTrue(
                Verdict.of(slow, fast).startsWith("reference takes 250 times as long as cpu here: it is plain Java"));
        assertEquals(
                "cpu takes 4 ms a step, 16 000 samples/s; op by op, most of it is the backward pass (53 %).",
                Verdict.of(fast, fast));
        assertEquals(
                "cpu is 250 times as fast as reference here: op by op, most is gained in the backward pass, 2 times as"
                        + " fast.",
                Verdict.of(
                        trial(Devices.cpu(), 0.004, 10, 1e-7, 0.0001, 0.0002, 0.001, 0.001, 0.0005, 0),
                        trial(Devices.reference(), 1, 0, Double.NaN, PARTS)));
    }

    /** Of a device that is neither reference nor emulated, against one that is twice as fast. */
    private static String slower(long kernels, double launch, double... parts) {
        return Verdict.of(
                trial(Devices.cpu(), 0.004, kernels, launch, parts),
                trial(Devices.reference(), 0.002, 0, Double.NaN, PARTS));
    }

    @Test
    void slownessHasItsReason() {
        assertEquals(
                "cpu is 0.5 times as fast as reference here: a step has 1000 kernels of 4 us on average, and with nothing to"
                        + " compute each would take 3 us, so launching them costs more than computing them; try --batch"
                        + " 1024.",
                slower(1000, 3e-6, PARTS));
        assertTrue(slower(10, 3e-6, 0.003, 0.0001, 0.001, 0.001, 0.001, 0)
                .endsWith("49 % of a step is waiting for the examples, which the processor gathers."));
        assertTrue(slower(10, 3e-6, 0.0001, 0.003, 0.001, 0.001, 0.001, 0)
                .contains("49 % of a step is copying, the batch to the device and the loss back"));
        assertTrue(slower(10, 3e-6, 0.0001, 0.0002, 0.004, 0.002, 0.0005, 0)
                .contains("most is lost in the forward pass, which takes 4 times as long"));
        assertTrue(slower(10, 3e-6, 0, 0, 0, 0, 0, 1).contains("its step takes 4 ms instead of 2 ms"));
    }

    @Test
    void timesThatOverlapAreEqual() {
        StepTimes wide = new StepTimes(
                List.of(new double[] {0.001}, new double[] {0.002}, new double[] {0.003}, new double[] {0.004}));
        StepTimes split = new StepTimes(List.of(PARTS));
        double[] losses = {1};
        DeviceTrial a = new DeviceTrial(Devices.cpu(), "", 1, 1, losses, wide, split, null, 1, 1e-9, 0, 0);
        DeviceTrial b = trial(Devices.reference(), 0.003, 0, Double.NaN, PARTS);
        assertTrue(Verdict.of(a, b).startsWith("cpu is about as fast as reference here (1.2 times"), Verdict.of(a, b));
        DeviceTrial c = trial(Devices.reference(), 0.0019, 0, Double.NaN, PARTS);
        assertTrue(Verdict.of(a, c).startsWith("cpu cannot be told apart from reference here (0.76 times"));
    }

    @Test
    void theLargestDifferenceAndItsStepAreFound() {
        DeviceTrial a = trial(Devices.reference(), 1, 0, Double.NaN, PARTS);
        assertEquals(new DeviceTrial.Difference(0, 1), a.difference(a));
        assertEquals(new DeviceTrial.Difference(0.5, 2), with(2, 1.5).difference(a));
        assertEquals(new DeviceTrial.Difference(1, 1), with(3, 0.5).difference(a));
        DeviceTrial.Difference none = with(2, Double.NaN).difference(a);
        assertTrue(Double.isNaN(none.value()) && none.step() == 2, "a loss that is none is as far as can be");
    }

    private static DeviceTrial with(double... losses) {
        StepTimes times = new StepTimes(List.of(PARTS));
        return new DeviceTrial(Devices.reference(), "", 1, 1, losses, times, times, null, 0, Double.NaN, 0, 0);
    }
}
