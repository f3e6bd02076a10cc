package org.nautile.models.shapley;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.TapeNode;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.SoftmaxOp;

/** The scores that a network gives to classes, and their gradients by its input; on the default device. */
public final class ScoreFunction {
    private static final int ROWS = 256; // inputs that are computed at once

    private final Module network;
    private final Shape input;
    private final boolean probability;
    private final int classes;

    /** Says what the inputs are; asked for each once, in their order. */
    @FunctionalInterface
    interface Rows {
        void write(int row, float[] into, int offset);
    }

    /** Takes the gradients by an input, [classes, size], from an offset on. */
    @FunctionalInterface
    interface Gradients {
        void take(int row, float[] gradients, int offset);
    }

    /**
     * The scores of a network.
     *
     * @param network gives class scores [N, classes]; is set to be used, not trained
     * @param input the shape of one input
     * @param probability whether the scores are what softmax makes of the network's
     */
    public ScoreFunction(Module network, Shape input, boolean probability) {
        this.network = network;
        this.input = input;
        this.probability = probability;
        network.train(false);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            classes = (int) of(tensor(1, new float[size()])).shape().dim(1);
        }
    }

    /**
     * The number of classes.
     *
     * @return {@code >= 1}
     */
    public int classes() {
        return classes;
    }

    /**
     * The numbers of an input.
     *
     * @return {@code >= 1}
     */
    public int size() {
        return (int) input.size();
    }

    /**
     * The scores of some inputs.
     *
     * @param inputs each of {@link #size} numbers
     * @return [inputs][classes]
     */
    public double[][] scores(float[]... inputs) {
        return scores(inputs.length, (row, into, offset) -> System.arraycopy(inputs[row], 0, into, offset, size()));
    }

    double[][] scores(int count, Rows rows) {
        double[][] scores = new double[count][classes];
        for (int from = 0; from < count; from += ROWS) {
            int part = Math.min(ROWS, count - from);
            float[] inputs = new float[part * size()];
            for (int i = 0; i < part; i++) {
                rows.write(from + i, inputs, i * size());
            }
            try (Autograd.Pause pause = Autograd.noGrad();
                    Scope scope = new Scope()) {
                double[] found = of(tensor(part, inputs)).toDoubleArray();
                for (int i = 0; i < part; i++) {
                    System.arraycopy(found, i * classes, scores[from + i], 0, classes);
                }
            }
        }
        return scores;
    }

    /** Each input stands in a batch once for each class: one backward pass gives the gradients of all classes. */
    void gradients(int count, Rows rows, Gradients gradients) {
        Map<Tensor, @Nullable TapeNode> parameters = new LinkedHashMap<>();
        network.parameters().values().stream().map(Parameter::value).forEach(value -> {
            parameters.put(value, value.tapeNode());
            value.setTapeNode(null); // no gradients by parameters
        });
        try {
            int most = Math.max(1, ROWS / classes);
            for (int from = 0; from < count; from += most) {
                int part = Math.min(most, count - from);
                float[] found = gradients(from, part, rows);
                for (int i = 0; i < part; i++) {
                    gradients.take(from + i, found, i * classes * size());
                }
            }
        } finally {
            parameters.forEach(Tensor::setTapeNode);
        }
    }

    private float[] gradients(int from, int count, Rows rows) {
        int size = size();
        float[] inputs = new float[count * classes * size];
        float[] one = new float[count * classes * classes];
        for (int i = 0; i < count; i++) {
            int start = i * classes * size;
            rows.write(from + i, inputs, start);
            for (int c = 0; c < classes; c++) {
                System.arraycopy(inputs, start, inputs, start + c * size, size);
                one[(i * classes + c) * classes + c] = 1;
            }
        }
        try (Scope scope = new Scope()) {
            Tensor x = tensor(count * classes, inputs);
            Tensor gradient = x.emptyLike();
            Tensor scores = of(Autograd.requireGradient(x, gradient));
            Autograd.backward(scores, Tensor.of(x.device(), one, scores.shape()));
            return gradient.toFloatArray();
        }
    }

    private Tensor tensor(int count, float... inputs) {
        long[] dims = new long[input.rank() + 1];
        dims[0] = count;
        for (int axis = 0; axis < input.rank(); axis++) {
            dims[axis + 1] = input.dim(axis);
        }
        return Tensor.of(Device.defaultDevice(), inputs, Shape.of(dims));
    }

    private Tensor of(Tensor inputs) {
        Tensor scores = network.forward(inputs);
        return probability ? Autograd.apply(new SoftmaxOp(1), scores) : scores;
    }
}
