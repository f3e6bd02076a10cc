package org.nautile.models.backprop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.models.backprop.Perceptron.Layer;
import org.nautile.nn.Loss;
import org.nautile.op.ActivationOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.LinearOp;
import org.nautile.op.SoftmaxOp;
import org.nautile.op.UnaryOp;

/**
 * The gradients of one example by the slides' formulas beside those of the engine, which computes them in float64 on
 * the device {@code reference} in two ways: with softmax and logarithm as ops of their own, and with the
 * cross-entropy of the last layer's scores that training uses, which knows no x_n.
 */
public final class GradientCheck {
    private final Gradients formulas;
    private final Gradients separate;
    private final Gradients fused;

    /**
     * Computes all gradients.
     *
     * @param perceptron the network
     * @param input what it reads
     * @param label the class of that
     */
    public GradientCheck(Perceptron perceptron, double[] input, int label) {
        this(
                perceptron.gradients(input, label),
                byAutograd(perceptron, input, label, false),
                byAutograd(perceptron, input, label, true));
    }

    GradientCheck(Gradients formulas, Gradients separate, Gradients fused) {
        this.formulas = formulas;
        this.separate = separate;
        this.fused = fused;
    }

    /**
     * The gradients that the engine computes.
     *
     * @param fused whether softmax and logarithm are one op with the loss
     */
    private static Gradients byAutograd(Perceptron perceptron, double[] input, int label, boolean fused) {
        Device device = Device.of("reference"); // the one that has float64
        int n = perceptron.layers().size();
        List<Tensor> a = new ArrayList<>();
        List<Tensor> b = new ArrayList<>();
        List<Tensor> x = new ArrayList<>();
        try (Scope scope = new Scope()) {
            Tensor y = watched(Tensor.of(device, input.clone(), Shape.of(1, input.length)), x);
            for (int i = 0; i < n; i++) {
                Layer layer = perceptron.layers().get(i);
                int outputs = layer.b().length;
                a.add(leaf(Tensor.of(device, flat(layer.a()), Shape.of(outputs, layer.a()[0].length))));
                b.add(leaf(Tensor.of(device, layer.b().clone(), Shape.of(outputs))));
                y = Autograd.apply(new LinearOp(), y, a.get(i), b.get(i));
                if (i < n - 1) {
                    y = watched(Autograd.apply(new ActivationOp(ActivationKernel.Function.RELU), y), x);
                } else if (!fused) {
                    y = watched(Autograd.apply(new SoftmaxOp(1), y), x);
                }
            }
            Tensor target = Tensor.of(device, new long[] {label}, Shape.of(1));
            Autograd.backward(fused ? Loss.crossEntropy().of(y, target) : negativeLogarithm(y, target));
            double[][][] byA = new double[n][][];
            for (int i = 0; i < n; i++) {
                byA[i] = rows(gradient(a.get(i)), perceptron.layers().get(i).b().length);
            }
            double[][] byX = new double[n + 1][];
            Arrays.setAll(byX, i -> i < x.size() ? gradient(x.get(i)) : new double[0]);
            return new Gradients(byA, b.stream().map(GradientCheck::gradient).toArray(double[][]::new), byX);
        }
    }

    private static Tensor negativeLogarithm(Tensor probabilities, Tensor target) {
        Tensor logarithms = Autograd.apply(new UnaryOp(UnaryKernel.Function.LOG), probabilities);
        return Loss.negativeLogLikelihood().of(logarithms, target);
    }

    /** Wants the gradient by a tensor; it is closed with the scope. */
    private static Tensor leaf(Tensor tensor) {
        return Autograd.requireGradient(tensor, Tensor.full(tensor.device(), DType.FLOAT64, tensor.shape(), 0));
    }

    /** Adds zeros to neurons: the gradient by them is that by the neurons. */
    private static Tensor watched(Tensor neurons, List<Tensor> zeros) {
        Tensor zero = leaf(Tensor.full(neurons.device(), DType.FLOAT64, neurons.shape(), 0));
        zeros.add(zero);
        return Autograd.apply(new BinaryOp(BinaryKernel.Function.ADD), neurons, zero);
    }

    private static double[] gradient(Tensor leaf) {
        Tensor gradient = Autograd.gradient(leaf);
        if (gradient == null) {
            throw new IllegalStateException("no gradient by " + leaf);
        }
        return gradient.toDoubleArray();
    }

    private static double[][] rows(double[] values, int count) {
        int width = values.length / count;
        double[][] rows = new double[count][];
        Arrays.setAll(rows, k -> Arrays.copyOfRange(values, k * width, (k + 1) * width));
        return rows;
    }

    /**
     * The largest difference of a number of the formulas from the engine's, in either way, as a share of the larger of
     * the two.
     *
     * @return {@code >= 0}; NaN if a gradient is not a number
     */
    public double worst() {
        return rows().stream()
                .flatMapToDouble(row -> DoubleStream.of(row.difference(row.separate), row.difference(row.fused)))
                .reduce(0, Math::max); // which, unlike DoubleStream.max, does not lose NaN
    }

    /** A gradient, computed in three ways. */
    private record Row(String name, String shape, double[] formula, double[] separate, double[] fused) {
        double difference(double... engine) {
            double worst = 0;
            for (int i = 0; i < engine.length; i++) {
                double difference = Math.abs(formula[i] - engine[i]);
                if (difference != 0) { // also NaN
                    worst = Math.max(worst, difference / Math.max(Math.abs(formula[i]), Math.abs(engine[i])));
                }
            }
            return worst;
        }
    }

    /** In the order in which they are computed. */
    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        int n = formulas.a().length;
        for (int i = n; i >= 0; i--) {
            double[] x = formulas.x()[i];
            rows.add(new Row("dl/dx_" + i, Integer.toString(x.length), x, separate.x()[i], fused.x()[i]));
            if (i > 0) {
                double[][] a = formulas.a()[i - 1];
                String shape = a.length + " x " + a[0].length;
                double[] b = formulas.b()[i - 1];
                rows.add(new Row("dl/db_" + i, Integer.toString(b.length), b, separate.b()[i - 1], fused.b()[i - 1]));
                rows.add(new Row("dl/dA_" + i, shape, flat(a), flat(separate.a()[i - 1]), flat(fused.a()[i - 1])));
            }
        }
        return rows;
    }

    private static double[] flat(double[]... rows) {
        return Stream.of(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    /**
     * A table: for each gradient its shape, the largest of its numbers, and the largest relative difference from the
     * engine's.
     *
     * @return its lines, with headings
     */
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        String line = "%-10s%-9s%14s%20s%20s";
        lines.add(String.format(
                Locale.ROOT, line, "gradient", "shape", "largest number", "softmax, then -log", "cross-entropy"));
        for (Row row : rows()) {
            double largest = DoubleStream.of(row.formula).map(Math::abs).max().orElse(0);
            lines.add(String.format(
                    Locale.ROOT,
                    line,
                    row.name,
                    row.shape,
                    number(largest),
                    number(row.difference(row.separate)),
                    row.fused.length == 0 ? "none" : number(row.difference(row.fused))));
        }
        return lines;
    }

    private static String number(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }
}
