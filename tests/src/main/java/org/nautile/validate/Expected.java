package org.nautile.validate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Shape;

/**
 * What is right for a case: what the device {@code reference} computes in float64 from the case's float32 inputs.
 *
 * @param shape the output's shape
 * @param dtype the output's type for float32 inputs
 * @param view whether the output is a view of an input
 * @param output the output's elements
 * @param gradients the elements of the gradient by each input; empty where there is none
 * @param outputMagnitude the output for the absolute values of the inputs; null if no budget counts in terms
 * @param gradientMagnitudes the gradients for absolute values; empty likewise
 */
record Expected(
        Shape shape,
        DType dtype,
        boolean view,
        double[] output,
        double[][] gradients,
        double @Nullable [] outputMagnitude,
        double[][] gradientMagnitudes) {

    static Expected of(OpCase test) {
        Pass pass = new Pass.Plan(test, Device.of("reference"))
                .numbers(Numbers.FLOAT64)
                .run();
        DType dtype = pass.dtype() == DType.FLOAT64 ? DType.FLOAT32 : pass.dtype();
        Budget backward = test.backwardBudget();
        boolean terms = test.forwardBudget().terms() > 0 || (backward != null && backward.terms() > 0);
        Pass sizes = terms
                ? new Pass.Plan(test, Device.of("reference"))
                        .numbers(Numbers.MAGNITUDES)
                        .run()
                : null;
        return new Expected(
                pass.shape(),
                dtype,
                pass.view(),
                Elements.doubles(pass.output()),
                doubles(pass.gradients()),
                sizes == null ? null : magnitudes(Elements.doubles(sizes.output())),
                sizes == null ? new double[0][] : doubles(sizes.gradients()));
    }

    private static double[][] doubles(@Nullable Object[] arrays) {
        double[][] result = new double[arrays.length][];
        for (int i = 0; i < arrays.length; i++) {
            Object array = arrays[i];
            result[i] = array == null ? new double[0] : Elements.doubles(array);
        }
        return result;
    }

    private static double[] magnitudes(double... values) {
        return Arrays.stream(values).map(Math::abs).toArray();
    }

    /** Checks an output. */
    Measure checkOutput(OpCase test, Pass pass) {
        Compare.shape("output", shape, pass.shape());
        if (pass.dtype() != dtype) {
            throw new Mismatch("output: expected " + dtype + ", got " + pass.dtype());
        }
        return Compare.close(
                "output", output, pass.output(), outputMagnitude, test.forwardBudget(), test.uses(Exemption.ZEROS));
    }

    /** Checks the gradients. */
    Measure checkGradients(OpCase test, @Nullable Object[] found, Budget budget) {
        Measure worst = Measure.NONE;
        for (int i = 0; i < found.length; i++) {
            Object gradient = found[i];
            if (gradient == null) {
                continue;
            }
            worst = Measure.worse(
                    worst,
                    Compare.close(
                            "gradient by " + test.inputName(i),
                            gradients[i],
                            gradient,
                            magnitude(i),
                            budget,
                            test.uses(Exemption.ZEROS)));
        }
        return worst;
    }

    /** The magnitude of the gradient by an input; null if no budget counts in terms. */
    double @Nullable [] magnitude(int input) {
        return gradientMagnitudes.length == 0 ? null : magnitudes(gradientMagnitudes[input]);
    }
}
