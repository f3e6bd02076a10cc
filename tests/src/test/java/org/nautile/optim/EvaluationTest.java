package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;

/** A model is measured on all examples, in their order, and nothing is left behind. */
class EvaluationTest {
    private static final ImageDataset SEVEN = Mnist.generate(2, 7);

    @Test
    void goesThroughTheExamplesInOrder() {
        List<Integer> firsts = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<Tensor> made = new ArrayList<>();
        Evaluation.each(SEVEN, 3, Devices.reference(), (batch, first) -> {
            assertTrue(Autograd.isPaused());
            firsts.add(first);
            Arrays.stream(batch.y().toLongArray()).forEach(label -> labels.add((int) label));
            made.add(batch.x().copy());
        });
        assertEquals(List.of(0, 3, 6), firsts);
        assertEquals(IntStream.range(0, SEVEN.size()).map(SEVEN::label).boxed().toList(), labels);
        assertTrue(made.stream().allMatch(Tensor::isClosed));
        assertFalse(Autograd.isPaused());
    }

    /** A batch counts as much as it has examples: the last has one. */
    @Test
    void meanOfAllExamples() {
        double mean = Evaluation.mean(SEVEN, 3, Devices.reference(), EvaluationTest::meanLabel);
        double[] labels =
                IntStream.range(0, SEVEN.size()).mapToDouble(SEVEN::label).toArray();
        assertEquals(Arrays.stream(labels).average().orElseThrow(), mean, 1e-12);
        double ofBatches = (labels[0] + labels[1] + labels[2] + labels[3] + labels[4] + labels[5]) / 9 + labels[6] / 3;
        assertNotEquals(ofBatches, mean, 0.01);
    }

    private static double meanLabel(Batch batch) {
        return Arrays.stream(batch.y().toLongArray()).average().orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void predictsTheClassWithTheLargestScore(Device device) {
        Device before = Device.defaultDevice();
        Device.setDefault(device);
        try (Sequential model = new Sequential(new Flatten(), new Linear(784, 10, new Generator(1, 0)))) {
            Evaluation found = Evaluation.of(model, Loss.crossEntropy(), SEVEN, device);
            int right = 0;
            for (int i = 0; i < SEVEN.size(); i++) {
                float said = found.scores()[i][found.predictions()[i]];
                for (float score : found.scores()[i]) {
                    assertTrue(score <= said, "example " + i);
                }
                assertEquals(SEVEN.label(i), found.labels()[i]);
                right += found.predictions()[i] == SEVEN.label(i) ? 1 : 0;
            }
            assertEquals(right / 7.0, found.accuracy(), 1e-12);
        } finally {
            Device.setDefault(before);
        }
    }
}
