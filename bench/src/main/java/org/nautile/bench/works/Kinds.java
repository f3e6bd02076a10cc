package org.nautile.bench.works;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.AdagradKernel;
import org.nautile.backend.AdamKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ClipGradNormKernel;
import org.nautile.backend.CompareKernel;
import org.nautile.backend.LossReduction;
import org.nautile.backend.PointwiseLossKernel;
import org.nautile.backend.RandomBitsKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.RmspropKernel;
import org.nautile.backend.SgdKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.backend.UpsampleKernel;
import org.nautile.op.ActivationOp;
import org.nautile.op.ArgmaxOp;
import org.nautile.op.AvgPool2dOp;
import org.nautile.op.BatchNormOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.CompareOp;
import org.nautile.op.CrossEntropyOp;
import org.nautile.op.DropoutOp;
import org.nautile.op.EmbeddingOp;
import org.nautile.op.GatherOp;
import org.nautile.op.GroupNormOp;
import org.nautile.op.GruOp;
import org.nautile.op.LayerNormOp;
import org.nautile.op.LinearOp;
import org.nautile.op.LogSoftmaxOp;
import org.nautile.op.LstmOp;
import org.nautile.op.MaxPool2dOp;
import org.nautile.op.Op;
import org.nautile.op.PointwiseLossOp;
import org.nautile.op.ReduceOp;
import org.nautile.op.RnnOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.SoftmaxOp;
import org.nautile.op.TopkOp;
import org.nautile.op.UnaryOp;
import org.nautile.op.UpsampleOp;
import org.nautile.op.WhereOp;

/**
 * What each kind of work is in Nautile. A new op adds an entry here, and a line to the built-in list (works.tsv).
 *
 * <p>Names and parameters of kinds are those of the list that other libraries are measured with: {@code e} elements, or
 * {@code r} rows of {@code c}.
 */
final class Kinds {
    /**
     * A kind of work.
     *
     * @param op the op that it times, as native/ops.def names it; empty for more than one
     * @param maker puts inputs on a device
     */
    record Kind(String op, BiFunction<Work, Inputs, Job> maker) {
        Job prepare(Work work, Inputs inputs) {
            return maker.apply(work, inputs);
        }
    }

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            entry("gemm", new Kind("matmul", MatmulJob::prepare)),
            entry("bn", new Kind("batch_norm", Kinds::batchNorm)),
            entry("groupnorm", new Kind("group_norm", Kinds::groupNorm)),
            entry("layernorm", new Kind("layer_norm", Kinds::layerNorm)),
            entry("gru", recurrent(new GruOp(), 3)),
            entry("linear", new Kind("linear", Kinds::linear)),
            entry("lstm", recurrent(new LstmOp(), 4)),
            entry("rnn", recurrent(new RnnOp(), 1)),
            entry("relu", elements(new ActivationOp(ActivationKernel.Function.RELU), 1)),
            entry("gelu", elements(new ActivationOp(ActivationKernel.Function.GELU), 1)),
            entry("tanh", elements(new ActivationOp(ActivationKernel.Function.TANH), 1)),
            entry("add", elements(new BinaryOp(BinaryKernel.Function.ADD), 2)),
            entry("exp", elements(new UnaryOp(UnaryKernel.Function.EXP), 1)),
            entry("sin", elements(new UnaryOp(UnaryKernel.Function.SIN), 1)),
            entry("power", new Kind("binary", Kinds::power)),
            entry("less", elements(new CompareOp(CompareKernel.Function.LT), 2)),
            entry("where", new Kind("where", Kinds::where)),
            entry("gather", new Kind("gather", Kinds::gather)),
            entry("topk", rows(new TopkOp(5, -1))),
            entry("scale", elements(new ScaleOp(0.5, 0.25), 1)),
            entry("sum", elements(ReduceOp.all(ReduceKernel.Function.SUM), 1)),
            entry("sdpa", new Kind("attention", AttentionJob::prepare)),
            entry("softmax", rows(new SoftmaxOp(-1))),
            entry("log_softmax", rows(new LogSoftmaxOp(-1))),
            entry("argmax", rows(new ArgmaxOp(-1, false))),
            entry("conv2d", new Kind("conv2d", (work, inputs) -> ConvJob.prepare(work, inputs, false))),
            entry("convT2d", new Kind("conv2d", (work, inputs) -> ConvJob.prepare(work, inputs, true))),
            entry("cross_entropy", new Kind("cross_entropy", Kinds::crossEntropy)),
            entry("mse_loss", pointwiseLoss(PointwiseLossKernel.Function.MSE)),
            entry("huber_loss", pointwiseLoss(PointwiseLossKernel.Function.HUBER)),
            entry("bce", pointwiseLoss(PointwiseLossKernel.Function.BCE)),
            entry("bce_with_logits", pointwiseLoss(PointwiseLossKernel.Function.BCE_WITH_LOGITS)),
            entry("maxpool", pictures(new MaxPool2dOp(2))),
            entry("avgpool", pictures(new AvgPool2dOp(2))),
            entry("upsample", pictures(new UpsampleOp(UpsampleKernel.Mode.NEAREST, 2))),
            entry("upsample_bilinear", pictures(new UpsampleOp(UpsampleKernel.Mode.BILINEAR, 2))),
            entry("copy", new Kind("copy", (work, inputs) -> copy(inputs, inputs.uniform(work.size("e"))))),
            entry("transpose", new Kind("copy", Kinds::transpose)),
            entry("fill", new Kind("fill", (work, inputs) -> fills(inputs, DType.FLOAT32, work, y -> y.fill(0.5)))),
            entry("dropout", new Kind("dropout", Kinds::dropout)),
            entry("embedding", new Kind("embedding", Kinds::embedding)),
            entry("random_bits", new Kind("random_bits", Kinds::randomBits)),
            entry("sgd", new Kind("sgd", Kinds::sgd)),
            entry("adam", new Kind("adam", Kinds::adam)),
            entry("rmsprop", new Kind("rmsprop", Kinds::rmsprop)),
            entry("adagrad", new Kind("adagrad", Kinds::adagrad)),
            entry("clip_grad_norm", new Kind("clip_grad_norm", Kinds::clipGradNorm)),
            entry("mlp_mnist", Networks.mlpMnist()),
            entry("model1_mlp_cifar", Networks.mlpCifar()),
            entry("model2_lenet_cifar", Networks.lenetCifar()),
            entry("model3_cnn_cifar", Networks.cnnCifar()),
            entry("unet_128", Networks.unet()),
            entry("gru_sentiment", Networks.gruSentiment()),
            entry("transformer_2l", Networks.transformer()),
            entry("bert_base_fwd", Networks.bert()));

    private Kinds() {}

    /** The kind of that name; null if Nautile does not have its op. */
    static @Nullable Kind of(String name) {
        return KINDS.get(name);
    }

    /** The ops that some kind times. */
    static List<String> ops() {
        return KINDS.values().stream()
                .map(Kind::op)
                .filter(op -> !op.isEmpty())
                .distinct()
                .toList();
    }

    private static Kind elements(Op op, int count) {
        return new Kind(op.name(), (work, inputs) -> {
            Tensor[] tensors = new Tensor[count];
            for (int i = 0; i < count; i++) {
                tensors[i] = inputs.uniform(work.size("e"));
            }
            return OpJob.of(work, inputs, op, tensors);
        });
    }

    private static Kind rows(Op op) {
        return new Kind(
                op.name(),
                (work, inputs) -> OpJob.of(work, inputs, op, inputs.uniform(work.size("r"), work.size("c"))));
    }

    private static Kind pictures(Op op) {
        return new Kind(op.name(), (work, inputs) -> OpJob.of(work, inputs, op, pictures(work, inputs)));
    }

    /** One layer in one direction, with biases. */
    private static Kind recurrent(Op op, int gates) {
        return new Kind(op.name(), (work, inputs) -> {
            int features = work.size("i");
            int hidden = work.size("h");
            int rows = gates * hidden;
            Op scale = new ScaleOp(1 / Math.sqrt(hidden), 0); // as PyTorch's first weights
            return OpJob.of(
                    work,
                    inputs,
                    op,
                    inputs.uniform(work.size("t"), work.size("b"), features),
                    scale.apply(inputs.uniform(rows, features)),
                    scale.apply(inputs.uniform(rows, hidden)),
                    scale.apply(inputs.uniform(rows)),
                    scale.apply(inputs.uniform(rows)));
        });
    }

    private static Job linear(Work work, Inputs inputs) {
        int in = work.size("i");
        int out = work.size("o");
        Tensor x = inputs.uniform(work.size("b"), in);
        return OpJob.of(work, inputs, new LinearOp(), x, inputs.uniform(out, in), inputs.uniform(out));
    }

    /** In training; the forward pass moves the running statistics, as in other libraries. */
    private static Job batchNorm(Work work, Inputs inputs) {
        int channels = work.size("c");
        boolean tracked = work.parameters().getOrDefault("dir", "fwd").equals("fwd");
        Op op = new BatchNormOp(true, tracked, 0.1, 1e-5);
        Tensor x = pictures(work, inputs);
        Tensor weight = inputs.uniform(channels);
        Tensor bias = inputs.uniform(channels);
        if (!tracked) {
            return OpJob.of(work, inputs, op, x, weight, bias);
        }
        Tensor batches = Tensor.of(inputs.device(), new long[] {0}, Shape.SCALAR);
        return OpJob.of(work, inputs, op, x, inputs.uniform(channels), inputs.uniform(channels), batches, weight, bias);
    }

    private static Job groupNorm(Work work, Inputs inputs) {
        int channels = work.size("c");
        Op op = new GroupNormOp(work.size("g"), 1e-5);
        Tensor x = pictures(work, inputs);
        return OpJob.of(work, inputs, op, x, inputs.uniform(channels), inputs.uniform(channels));
    }

    /** Square pictures {@code n}, {@code c}, {@code h}, channels-last. */
    private static Tensor pictures(Work work, Inputs inputs) {
        return inputs.uniform(work.size("n"), work.size("c"), work.size("h"), work.size("h"))
                .channelsLast();
    }

    private static Job layerNorm(Work work, Inputs inputs) {
        int cols = work.size("c");
        Tensor x = inputs.uniform(work.size("r"), cols);
        return OpJob.of(work, inputs, new LayerNormOp(1, 1e-5), x, inputs.uniform(cols), inputs.uniform(cols));
    }

    private static Job crossEntropy(Work work, Inputs inputs) {
        int rows = work.size("r");
        int classes = work.size("c");
        Tensor scores = inputs.uniform(rows, classes);
        return OpJob.of(work, inputs, new CrossEntropyOp(), scores, inputs.labels(rows, classes));
    }

    private static Job dropout(Work work, Inputs inputs) {
        Tensor x = inputs.uniform(work.size("e"));
        Tensor position = Tensor.full(inputs.device(), DType.INT64, Shape.of(1), 0);
        return OpJob.of(work, inputs, new DropoutOp(0.5, 1, 2), x, position);
    }

    /** Vectors of {@code d} numbers for {@code n} of {@code v} words. */
    private static Job embedding(Work work, Inputs inputs) {
        int words = work.size("v");
        Tensor weight = inputs.uniform(words, work.size("d"));
        return OpJob.of(work, inputs, new EmbeddingOp(), weight, inputs.labels(work.size("n"), words));
    }

    /** The mean of losses of probabilities, which suit every function. */
    private static Kind pointwiseLoss(PointwiseLossKernel.Function function) {
        Op op = new PointwiseLossOp(function, LossReduction.MEAN);
        Op probability = new ScaleOp(0.5, 0.5);
        return new Kind(op.name(), (work, inputs) -> {
            Tensor x = probability.apply(inputs.uniform(work.size("e")));
            Tensor target = probability.apply(inputs.uniform(work.size("e")));
            return OpJob.of(work, inputs, op, x, target);
        });
    }

    private static Job power(Work work, Inputs inputs) {
        Tensor base = new UnaryOp(UnaryKernel.Function.EXP).apply(inputs.uniform(work.size("e")));
        return OpJob.of(work, inputs, new BinaryOp(BinaryKernel.Function.POWER), base, inputs.uniform(work.size("e")));
    }

    private static Job where(Work work, Inputs inputs) {
        Tensor a = inputs.uniform(work.size("e"));
        Tensor b = inputs.uniform(work.size("e"));
        return OpJob.of(work, inputs, new WhereOp(), new CompareOp(CompareKernel.Function.LT).apply(a, b), a, b);
    }

    /** One element of each row. */
    private static Job gather(Work work, Inputs inputs) {
        int rows = work.size("r");
        int cols = work.size("c");
        Tensor index = inputs.labels(rows, cols).reshape(Shape.of(rows, 1));
        return OpJob.of(work, inputs, new GatherOp(1), inputs.uniform(rows, cols), index);
    }

    private static Job transpose(Work work, Inputs inputs) {
        int rows = work.size("r");
        int cols = work.size("c");
        return copy(inputs, inputs.uniform(rows, cols).view(Shape.of(cols, rows), 0, 1, cols));
    }

    private static Job copy(Inputs inputs, Tensor x) {
        Tensor y = Tensor.empty(inputs.device(), x.dtype(), x.shape());
        return new Job(() -> y.copyFrom(x), () -> List.of(y.copyFrom(x)));
    }

    /** What overwrites a tensor without reading anything. */
    private static Job fills(Inputs inputs, DType dtype, Work work, Consumer<Tensor> fill) {
        Tensor y = Tensor.empty(inputs.device(), dtype, Shape.of(work.size("e")));
        return new Job(() -> fill.accept(y), () -> {
            fill.accept(y);
            return List.of(y);
        });
    }

    private static Job randomBits(Work work, Inputs inputs) {
        return fills(inputs, DType.INT32, work, y -> RandomBitsKernel.TYPE.on(y).forward(y, 1, 2, 0));
    }

    /** A step of an optimizer, at a rate in a tensor. */
    @FunctionalInterface
    private interface Step {
        void take(Tensor rate);
    }

    /** Timed steps shall not run away; the one that is checked shall show. */
    private static Job optimizer(Inputs inputs, Step step, Tensor... results) {
        Tensor small = number(inputs, 1e-6F);
        Tensor large = number(inputs, 0.1F);
        return new Job(() -> step.take(small), () -> {
            step.take(large);
            return List.of(results);
        });
    }

    private static Tensor number(Inputs inputs, float value) {
        return Tensor.of(inputs.device(), new float[] {value}, Shape.of(1));
    }

    /** A step of plain gradient descent, or with {@code momentum=0.9} and the like. */
    private static Job sgd(Work work, Inputs inputs) {
        double momentum = Double.parseDouble(work.parameters().getOrDefault("momentum", "0"));
        Tensor p = inputs.uniform(work.size("e"));
        Tensor g = inputs.uniform(p.size());
        SgdKernel kernel = SgdKernel.TYPE.on(p);
        if (momentum == 0) {
            return optimizer(inputs, rate -> kernel.step(p, g, null, rate, null, 0, 0, 0, 0, false), p);
        }
        Tensor buffer = inputs.uniform(p.size());
        Tensor count = number(inputs, 2);
        return optimizer(inputs, rate -> kernel.step(p, g, buffer, rate, count, momentum, 0, 0, 0, false), p, buffer);
    }

    /** A first step and, timed, those after it. */
    private static Job adam(Work work, Inputs inputs) {
        Tensor p = inputs.uniform(work.size("e"));
        Tensor g = inputs.uniform(p.size());
        Tensor m = zeros(p);
        Tensor v = zeros(p);
        Tensor count = number(inputs, 1);
        AdamKernel kernel = AdamKernel.TYPE.on(p);
        return optimizer(inputs, rate -> kernel.step(p, g, m, v, rate, count, 0.9, 0.999, 1e-8, 0, 0, false), p, m, v);
    }

    private static Job rmsprop(Work work, Inputs inputs) {
        Tensor p = inputs.uniform(work.size("e"));
        Tensor g = inputs.uniform(p.size());
        Tensor v = zeros(p);
        RmspropKernel kernel = RmspropKernel.TYPE.on(p);
        return optimizer(inputs, rate -> kernel.step(p, g, v, null, null, rate, 0.99, 1e-8, 0, 0, 0), p, v);
    }

    private static Job adagrad(Work work, Inputs inputs) {
        Tensor p = inputs.uniform(work.size("e"));
        Tensor g = inputs.uniform(p.size());
        Tensor sum = zeros(p);
        Tensor count = number(inputs, 1);
        AdagradKernel kernel = AdagradKernel.TYPE.on(p);
        return optimizer(inputs, rate -> kernel.step(p, g, sum, rate, count, 0, 1e-10, 0, 0), p, sum);
    }

    private static Tensor zeros(Tensor like) {
        return Tensor.full(like.device(), like.dtype(), like.shape(), 0);
    }

    /** Gradients whose norm is the largest at first, and a little too large each time: they are always scaled. */
    private static Job clipGradNorm(Work work, Inputs inputs) {
        Tensor g = inputs.uniform(work.size("e"));
        Tensor norm = number(inputs, 0);
        ClipGradNormKernel kernel = ClipGradNormKernel.TYPE.on(g);
        double[] bound = {100};
        return new Job(
                () -> kernel.step(g, norm, bound[0] *= 1 - 1e-6), // the numbers stay of a size
                () -> {
                    kernel.step(g, norm, bound[0]);
                    return List.of(g, norm);
                });
    }
}
