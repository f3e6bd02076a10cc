package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.LossReduction;
import org.nautile.op.CrossEntropyOp;

/** What losses mean, in numbers that can be computed by hand, and the gradients of those that are made of several ops. */
class LossTest {
    private static final double STEP = 1e-5;

    private final Device device = Devices.reference();
    private final Scope scope = new Scope();
    private final Tensor x = of(Shape.of(2, 3), 0.5, -1, 2, 0.25, 0, -0.5);
    private final Tensor labels = Tensor.of(device, new long[] {2, 0}, Shape.of(2));

    @AfterEach
    void close() {
        scope.close();
    }

    private Tensor of(Shape shape, double... values) {
        return Tensor.of(Devices.reference(), values, shape);
    }

    private static double[] values(Loss loss, Tensor output, Tensor target) {
        return loss.of(output, target).toDoubleArray();
    }

    /** The gradient by the output is what differences say. */
    private void differences(Loss loss, Tensor output, Tensor target) {
        double[] values = output.toDoubleArray();
        Tensor leaf = Autograd.requireGradient(of(output.shape(), values));
        Autograd.backward(loss.of(leaf, target));
        Tensor gradient = Objects.requireNonNull(Autograd.gradient(leaf));
        for (int i = 0; i < values.length; i++) {
            double[] moved = values.clone();
            moved[i] = values[i] + STEP;
            double up = loss.of(of(output.shape(), moved), target).item();
            moved[i] = values[i] - STEP;
            double down = loss.of(of(output.shape(), moved), target).item();
            assertEquals((up - down) / (2 * STEP), gradient.toDoubleArray()[i], 1e-8, "at " + i);
        }
    }

    @Test
    void crossEntropyIsThatOfOneHotTargets() {
        Tensor oneHot = of(Shape.of(2, 3), 0, 0, 1, 1, 0, 0);
        double loss = Loss.crossEntropy().of(x, labels).item();
        assertEquals(loss, Loss.crossEntropy().of(x, oneHot).item(), 1e-12);
        double first = Math.log(Math.exp(0.5) + Math.exp(-1) + Math.exp(2)) - 2;
        double second = Math.log(Math.exp(0.25) + 1 + Math.exp(-0.5)) - 0.25;
        assertEquals((first + second) / 2, loss, 1e-12);
    }

    @Test
    void meansOfWeighedClassesDivideByTheirWeights() {
        Tensor weight = of(Shape.of(3), 3, 5, 1);
        double[] each = values(Loss.crossEntropy(null, LossReduction.NONE, 0, CrossEntropyOp.IGNORE), x, labels);
        Loss weighed = Loss.crossEntropy(weight, LossReduction.MEAN, 0, CrossEntropyOp.IGNORE);
        assertEquals((each[0] + 3 * each[1]) / 4, weighed.of(x, labels).item(), 1e-12);
        Loss ignoring = Loss.crossEntropy(weight, LossReduction.MEAN, 0, 2);
        assertEquals(each[1], ignoring.of(x, labels).item(), 1e-12);
    }

    @Test
    void negativeLogLikelihoodPicks() {
        Loss loss = Loss.negativeLogLikelihood(of(Shape.of(3), 3, 5, 1), LossReduction.MEAN, CrossEntropyOp.IGNORE);
        assertEquals(-(2 + 3 * 0.25) / 4, loss.of(x, labels).item(), 1e-12);
        assertEquals(-(2 + 0.25) / 2, Loss.negativeLogLikelihood().of(x, labels).item(), 1e-12);
        differences(loss, x, labels);
    }

    @Test
    void pixelsAreWeighed() {
        Tensor pixels = of(Shape.of(1, 2, 1, 2), 1, 2, 3, 5);
        Tensor wanted = Tensor.of(device, new long[] {1, 0}, Shape.of(1, 1, 2));
        Loss loss = Loss.crossEntropyOfPixels(of(Shape.of(1, 1, 2), 4, 0.5));
        double first = Math.log1p(Math.exp(-2));
        double second = Math.log1p(Math.exp(3));
        assertEquals((4 * first + 0.5 * second) / 2, loss.of(pixels, wanted).item(), 1e-12);
        differences(loss, pixels, wanted);
    }

    @Test
    void binaryCrossEntropyOfLogitsIsThatOfTheirProbabilities() {
        Tensor logits = of(Shape.of(2, 2), 1, -2, 0.5, 3);
        Tensor target = of(Shape.of(2, 2), 1, 0, 0, 0.25);
        Tensor probabilities = Activation.sigmoid().forward(logits);
        double[] each = values(Loss.binaryCrossEntropy(null, LossReduction.NONE), probabilities, target);
        double[] same = values(Loss.binaryCrossEntropyWithLogits(null, null, LossReduction.NONE), logits, target);
        for (int i = 0; i < each.length; i++) {
            assertEquals(each[i], same[i], 1e-12);
        }
        Tensor weight = of(Shape.of(2, 1), 2, 3);
        assertEquals(
                (2 * each[0] + 2 * each[1] + 3 * each[2] + 3 * each[3]) / 4,
                Loss.binaryCrossEntropy(weight, LossReduction.MEAN)
                        .of(probabilities, target)
                        .item(),
                1e-12);
        Loss positive = Loss.binaryCrossEntropyWithLogits(null, of(Shape.of(2), 7, 1), LossReduction.SUM);
        assertEquals(
                7 * each[0] + each[1] + each[2] + each[3],
                positive.of(logits, target).item(),
                1e-12);
        differences(positive, logits, target);
    }

    @Test
    void klDivergenceIsOfTheBatch() {
        Tensor target = of(Shape.of(2, 2), 0.5, 0.5, 1, 0);
        Tensor logOfModel = of(Shape.of(2, 2), Math.log(0.25), Math.log(0.75), Math.log(0.5), Math.log(0.5));
        double right = (0.5 * Math.log(2) + 0.5 * Math.log(0.5 / 0.75) + Math.log(2)) / 2;
        assertEquals(right, Loss.klDivergence(false).of(logOfModel, target).item(), 1e-12);
        assertEquals(
                right / 2,
                Loss.klDivergence(false, LossReduction.MEAN)
                        .of(logOfModel, target)
                        .item(),
                1e-12);
        differences(Loss.klDivergence(false), logOfModel, target);
        Tensor logTarget = of(Shape.of(2, 2), Math.log(0.5), Math.log(0.5), Math.log(0.75), Math.log(0.25));
        double logs = 0.5 * Math.log(2) + 0.5 * Math.log(0.5 / 0.75) + 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
        assertEquals(logs / 2, Loss.klDivergence(true).of(logOfModel, logTarget).item(), 1e-12);
    }

    @Test
    void diceComparesMasks() {
        Tensor logits = of(Shape.of(1, 1, 2, 2), 100, -100, 0, 100);
        Tensor mask = of(Shape.of(1, 1, 2, 2), 1, 0, 1, 0);
        assertEquals(1 - 3.0 / 4.5, Loss.dice().of(logits, mask).item(), 1e-12);
        assertEquals(1 - 4.0 / 5.5, Loss.dice(1).of(logits, mask).item(), 1e-12);
        Tensor soft = of(Shape.of(1, 1, 2, 2), 1, -1, 0, 0.5);
        differences(Loss.dice(), soft, mask);
        differences(Loss.dice(1), soft, mask);
    }

    @Test
    void differencesOfNumbers() {
        Tensor output = of(Shape.of(3), 1, 2, 5);
        Tensor target = of(Shape.of(3), 1.5, 2, 1);
        assertEquals(16.25 / 3, Loss.meanSquaredError().of(output, target).item(), 1e-12);
        assertEquals(4.5 / 3, Loss.absoluteError().of(output, target).item(), 1e-12);
        assertEquals((0.125 + 3.5) / 3, Loss.huber().of(output, target).item(), 1e-12);
        assertEquals(
                0.125 + 6, Loss.huber(2, LossReduction.SUM).of(output, target).item(), 1e-12);
        Loss smooth = Loss.smoothAbsoluteError(2, LossReduction.SUM);
        assertEquals(0.0625 + 3, smooth.of(output, target).item(), 1e-12);
        differences(smooth, output, target);
    }

    @Test
    void weightsHaveNoGradient() {
        Tensor weight = Autograd.requireGradient(of(Shape.of(3), 1, 1, 1));
        Tensor loss = Loss.crossEntropy(weight, LossReduction.MEAN, 0, CrossEntropyOp.IGNORE)
                .of(x, labels);
        ShapeException error = assertThrows(ShapeException.class, () -> Autograd.backward(loss));
        assertTrue(String.valueOf(error.getMessage()).contains("no gradient by weight"), error::toString);
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Tensor three = of(Shape.of(3), 1, 2, 3);
        for (Loss loss : new Loss[] {Loss.meanSquaredError(), Loss.crossEntropy(), Loss.binaryCrossEntropy()}) {
            ShapeException error = assertThrows(ShapeException.class, () -> loss.of(x, three));
            assertTrue(String.valueOf(error.getMessage()).contains("[2,3]"), error::toString);
            assertTrue(String.valueOf(error.getMessage()).contains("[3]"), error::toString);
        }
        Loss weighed = Loss.binaryCrossEntropy(of(Shape.of(2), 1, 1), LossReduction.MEAN);
        ShapeException error = assertThrows(ShapeException.class, () -> weighed.of(x, x));
        assertTrue(String.valueOf(error.getMessage()).contains("weight must have a shape"), error::toString);
    }
}
