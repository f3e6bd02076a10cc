package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.autograd.Autograd;
import org.nautile.jni.Ntl;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;

/** The setting nautile.conv.algorithm: what it chooses, that plans say so, and that results are the same but for rounding. */
class ConvAlgorithmTest {
    private static final int AUTO = 0;
    private static final int DIRECT = 1;
    private static final int WINOGRAD = 2;

    @AfterEach
    void restore() {
        Ntl.ntl_conv2d_algorithm(AUTO);
    }

    private record Outcome(List<String> algorithms, float[] y, float[] dweight) {}

    private static Outcome step(int algorithm, long images, int channels) {
        Device device = Devices.cpu();
        assertEquals(0, Ntl.ntl_conv2d_algorithm(algorithm));
        Generator random = new Generator(5, 0);
        try (Scope scope = new Scope();
                Conv2d layer =
                        new Conv2d(channels, channels, ConvOptions.kernel(3).padding(1), random)) {
            layer.to(device);
            Tensor x = Tensor.emptyChannelsLast(device, DType.FLOAT32, Shape.of(images, channels, 12, 12));
            float[] values = new float[(int) x.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat(-1, 1);
            }
            x.copyFrom(Tensor.of(device, values, x.shape()));
            try (Plan plan = Plan.record(device, () -> {
                Tensor y = layer.forward(x);
                Autograd.backward(y, y);
                return y;
            })) {
                List<String> algorithms = plan.parts().stream()
                        .filter(part -> part.name().startsWith("conv2d"))
                        .map(Plan.Part::algorithm)
                        .toList();
                Tensor gradient = Objects.requireNonNull(
                        Objects.requireNonNull(layer.parameters().get("weight")).gradient());
                return new Outcome(algorithms, plan.result().toFloatArray(), gradient.toFloatArray());
            }
        }
    }

    @Test
    void choiceFollowsTheSetting() {
        assertEquals(List.of("winograd", "winograd"), step(AUTO, 16, 32).algorithms(), "many pixels and channels");
        assertTrue(step(AUTO, 1, 8).algorithms().stream().allMatch(name -> name.startsWith("direct")), "few channels");
        assertTrue(step(DIRECT, 16, 32).algorithms().stream().allMatch(name -> name.startsWith("direct")));
        assertEquals(List.of("winograd", "winograd"), step(WINOGRAD, 1, 16).algorithms(), "although it does not pay");
    }

    @ParameterizedTest
    @CsvSource({"16, 32", "1, 16", "3, 48", "64, 16"})
    void resultsDifferByRoundingAlone(long images, int channels) {
        Outcome direct = step(DIRECT, images, channels);
        Outcome minimal = step(WINOGRAD, images, channels);
        assertFalse(Arrays.equals(direct.y(), minimal.y()), "two algorithms");
        assertEquals(List.of("winograd", "winograd"), minimal.algorithms());
        assertTrue(distance(direct.y(), minimal.y()) < 3e-6, "ntl_conv2d_forward's bound");
        assertTrue(distance(direct.dweight(), minimal.dweight()) < 3e-6, "the same bound");
    }

    /** The relative distance of b from a in the Euclidean norm. */
    static double distance(float[] a, float[] b) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < a.length; i++) {
            difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
            norm += (double) a[i] * a[i];
        }
        return Math.sqrt(difference / norm);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3})
    void unknownAlgorithmIsRefused(int algorithm) {
        Devices.cpu();
        assertTrue(Ntl.ntl_conv2d_algorithm(algorithm) != 0);
    }

    /** Opens the processor, in a process of its own. */
    static final class Open {
        private Open() {}

        public static void main(String[] args) {
            System.out.println(Device.of("cpu"));
        }
    }

    @Test
    void wrongPropertyIsOneLine() throws Exception {
        Devices.cpu();
        ChildJvm.Outcome outcome =
                new ChildJvm(Open.class).option("-Dnautile.conv.algorithm=fft").run();
        assertTrue(
                outcome.output().contains("nautile.conv.algorithm=fft is none of auto, direct, winograd"),
                outcome::output);
        assertEquals(
                0,
                new ChildJvm(Open.class)
                        .option("-Dnautile.conv.algorithm=direct")
                        .run()
                        .code());
    }
}
