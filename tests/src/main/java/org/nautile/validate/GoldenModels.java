package org.nautile.validate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.models.CifarCnnSmall;
import org.nautile.models.MnistMlp;
import org.nautile.models.Unet;
import org.nautile.models.bert.BertConfig;
import org.nautile.models.bert.BertModel;
import org.nautile.models.sentiment.GruSentiment;
import org.nautile.models.sentiment.SentimentNetwork;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.nn.Sequential;
import org.nautile.op.BinaryOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.ReduceOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;
import org.nautile.op.UnaryOp;
import org.nautile.optim.Optimizer;

/**
 * PyTorch's models, built as their files describe them and trained for a few steps: the losses, the first gradients, the parameters
 * at the end, and what the model says then.
 */
final class GoldenModels {
    private static final Budget LOSS =
            Budget.ulp(1, "the contract of cross_entropy.h, and scores to 1e-6").plus(2e-6);
    private static final Budget GRADIENT =
            Budget.ulp(8, "sums over the batch through three layers").plus(2e-7).within(1e-6);
    private static final Budget PARAMETER =
            Budget.ulp(4, "a rounding for each of four steps").plus(1e-8).within(1e-6);
    private static final Budget SCORES =
            Budget.ulp(8, "sums through three layers").plus(1e-6).within(1e-6);

    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Op SUB = new BinaryOp(BinaryKernel.Function.SUB);
    private static final Op MUL = new BinaryOp(BinaryKernel.Function.MUL);
    private static final Op EXP = new UnaryOp(UnaryKernel.Function.EXP);

    private GoldenModels() {}

    /** How near results may be to PyTorch's. */
    private record Nearness(Budget loss, Budget gradient, Budget parameter, Budget scores) {
        /** After some steps of Adam, whose length is the same for a gradient of 1e-9, a rounding error, as for one of 1. */
        static Nearness adam() {
            return new Nearness(
                    Budget.ulp(4, "a mean of a batch").plus(1e-5),
                    Budget.ulp(16, "sums through all layers").plus(1e-6).within(1e-5),
                    Budget.ulp(8, "most go the same way; a step's length for those whose gradient is a rounding error")
                            .plus(1e-3)
                            .within(1e-5),
                    Budget.ulp(16, "sums through all layers").plus(1e-5).within(1e-5));
        }
    }

    /** Draws the first parameters, which the file's replace. */
    private static Generator any() {
        return new Generator(0, 0);
    }

    /** The course's first model. */
    static Measure mnistMlp(GoldenFile file, Device device) throws IOException {
        // PyTorch's network begins with the layer that flattens images, which ours leaves to the data: all others are
        // one on
        UnaryOperator<String> names = name -> {
            int dot = name.indexOf('.');
            return Integer.parseInt(name.substring(0, dot)) + 1 + name.substring(dot);
        };
        try (Module model = MnistMlp.network(10, any())) {
            model.to(device);
            Steps steps =
                    new Steps(file, device, model, new Nearness(LOSS, GRADIENT, PARAMETER, SCORES), Set.of(), names);
            return steps.train(GoldenTraining.optimizer(file, model), Loss.crossEntropy(), new Flatten());
        }
    }

    static Measure autoencoder(GoldenFile file, Device device) throws IOException {
        Module model = new Sequential(
                new Linear(784, 128, any()),
                Activation.relu(),
                new Linear(128, 32, any()),
                Activation.relu(),
                new Linear(32, 128, any()),
                Activation.relu(),
                new Linear(128, 784, any()));
        return adam(file, device, model, Loss.meanSquaredError(), Set.of());
    }

    /** The course's second model. */
    static Measure cifarSmall(GoldenFile file, Device device) throws IOException {
        return adam(file, device, CifarCnnSmall.network(any()), Loss.crossEntropy(), Set.of());
    }

    /** The course's third model, narrow. */
    static Measure cifarBatchNorm(GoldenFile file, Device device) throws IOException {
        Module model = new Sequential(
                same(3, 4),
                new BatchNorm2d(4),
                Activation.relu(),
                same(4, 8),
                Activation.relu(),
                new MaxPool2d(2),
                same(8, 16),
                new BatchNorm2d(16),
                Activation.relu(),
                same(16, 16),
                Activation.relu(),
                new MaxPool2d(2),
                same(16, 32),
                new BatchNorm2d(32),
                Activation.relu(),
                same(32, 32),
                Activation.relu(),
                new MaxPool2d(2),
                new Flatten(),
                new Linear(512, 32, any()),
                Activation.relu(),
                new Linear(32, 10, any()));
        return adam(file, device, model, Loss.crossEntropy(), Set.of("0.bias", "6.bias", "12.bias"));
    }

    /** The course's U-Net, narrow, of two levels and without norms. */
    static Measure unet(GoldenFile file, Device device) throws IOException {
        return adam(
                file, device, new Unet.Network(2, 4, 1, false, any()), Loss.binaryCrossEntropyWithLogits(), Set.of());
    }

    static Measure gruSentiment(GoldenFile file, Device device) throws IOException {
        Module network = new GruSentiment(40, 8, new SentimentNetwork.Sizes(6, 2, 0), any());
        return adam(file, device, network, Loss.binaryCrossEntropyWithLogits(), Set.of());
    }

    static Measure realNvp(GoldenFile file, Device device) throws IOException {
        Loss negativeLogLikelihood = (y, nothing) -> {
            Tensor z = Autograd.apply(new SliceOp(1, 0, 2, 1), y);
            Tensor logDeterminant = Autograd.apply(new SliceOp(1, 2, 3, 1), y);
            Tensor half = Autograd.apply(new ScaleOp(0.5, 0), Autograd.apply(MUL, z, z));
            Tensor perPoint = Autograd.apply(new ReduceOp(ReduceKernel.Function.SUM, List.of(1), true), half);
            Tensor mean = Autograd.apply(
                    ReduceOp.all(ReduceKernel.Function.MEAN), Autograd.apply(SUB, perPoint, logDeterminant));
            return Autograd.apply(new ScaleOp(1, Math.log(2 * Math.PI)), mean);
        };
        return adam(file, device, new RealNvp(), negativeLogLikelihood, Set.of());
    }

    private static Conv2d same(int in, int out) {
        return new Conv2d(in, out, ConvOptions.kernel(3).padding(1), any());
    }

    /** BERT's encoder, with the parameters' names of Hugging Face's BertModel. */
    static Measure bert(GoldenFile file, Device device) throws IOException {
        BertConfig config = new BertConfig(
                (int) file.number("config/vocab_size"),
                (int) file.number("config/hidden_size"),
                (int) file.number("config/num_hidden_layers"),
                (int) file.number("config/num_attention_heads"),
                (int) file.number("config/intermediate_size"),
                (int) file.number("config/max_position_embeddings"),
                (int) file.number("config/type_vocab_size"),
                file.number("config/layer_norm_eps"),
                0);
        try (Scope scope = new Scope();
                BertModel model = new BertModel(config, any())) {
            model.to(device);
            new Steps(file, device, model, Nearness.adam(), Set.of(), name -> name).load();
            long[] marks = file.tensor("in.attention_mask", device).toLongArray();
            byte[] mask = new byte[marks.length];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = (byte) marks[i];
            }
            Tensor states = model.states(
                    file.tensor("in.input_ids", device),
                    file.tensor("in.token_type_ids", device),
                    Tensor.of(device, mask, file.shape("in.attention_mask")));
            Budget budget = Budget.ulp(16, "sums through all layers").plus(4e-6).within(1e-6);
            Measure worst = file.compare("out.last_hidden_state", states, budget);
            return Measure.worse(worst, file.compare("out.pooler_output", model.pooled(states), budget));
        }
    }

    /** Four affine couplings of points in the plane: where they go, and the logarithm of the volume's change beside it. */
    private static final class RealNvp extends Module {
        private static final int COUPLINGS = 4;
        private final List<Module> s = nets("s");
        private final List<Module> t = nets("t");

        private List<Module> nets(String name) {
            List<Module> nets = new ArrayList<>();
            for (int i = 0; i < COUPLINGS; i++) {
                Module net = new Sequential(new Linear(1, 16, any()), Activation.tanh(), new Linear(16, 1, any()));
                nets.add(child(name + "." + i, net));
            }
            return nets;
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor[] z = {Autograd.apply(new SliceOp(1, 0, 1, 1), x), Autograd.apply(new SliceOp(1, 1, 2, 1), x)};
            Tensor logDeterminant = Tensor.full(x.device(), x.dtype(), z[0].shape(), 0);
            for (int i = 0; i < COUPLINGS; i++) {
                Tensor kept = z[i % 2];
                Tensor scale = Activation.tanh().forward(s.get(i).forward(kept));
                Tensor grown = Autograd.apply(MUL, z[1 - i % 2], Autograd.apply(EXP, scale));
                z[1 - i % 2] = Autograd.apply(ADD, grown, t.get(i).forward(kept));
                logDeterminant = Autograd.apply(ADD, logDeterminant, scale);
            }
            return Autograd.apply(new ConcatOp(1), z[0], z[1], logDeterminant);
        }
    }

    /**
     * Trains with Adam.
     *
     * @param idle the biases before a batch norm, which takes them out again: their gradients are rounding errors, from which Adam
     *     would make steps
     */
    private static Measure adam(GoldenFile file, Device device, Module model, Loss loss, Set<String> idle)
            throws IOException {
        try (model) {
            model.to(device);
            return new Steps(file, device, model, Nearness.adam(), idle, name -> name)
                    .train(GoldenTraining.optimizer(file, model), loss, null);
        }
    }

    /**
     * The steps of a file with one model.
     *
     * @param names the file's names of our parameters
     */
    private record Steps(
            GoldenFile file,
            Device device,
            Module model,
            Nearness near,
            Set<String> idle,
            UnaryOperator<String> names) {
        /** Targets that the file does not have are the inputs themselves. */
        Measure train(Optimizer optimizer, Loss loss, @Nullable Module prepare) throws IOException {
            Shape losses = file.shape("out.losses");
            float[] found = new float[Math.toIntExact(losses.size())];
            Measure worst = Measure.NONE;
            try (Scope scope = new Scope()) {
                load();
                for (int step = 0; step < found.length; step++) {
                    try (Scope inner = new Scope()) {
                        optimizer.clearGradients();
                        Tensor x = input("in.batch" + step + ".x", prepare);
                        String target = "in.batch" + step + ".y";
                        Tensor y = file.has(target) ? file.tensor(target, device) : x;
                        Tensor value = loss.of(model.forward(x), y);
                        Autograd.backward(value);
                        found[step] = (float) value.item();
                        if (step == 0) {
                            worst = Measure.worse(worst, gradients());
                        }
                        for (String name : idle) {
                            Tensor gradient = Objects.requireNonNull(
                                            model.parameters().get(name))
                                    .gradient();
                            Objects.requireNonNull(gradient).fill(0);
                        }
                        optimizer.step();
                    }
                }
                worst = Measure.worse(worst, file.compare("out.losses", losses, found, near.loss(), null, false));
                for (Map.Entry<String, Tensor> entry : model.state().entrySet()) {
                    String name = "out.state." + names.apply(entry.getKey());
                    if (file.has(name)) { // PyTorch's count of batches is not in the files
                        worst = Measure.worse(worst, file.compare(name, entry.getValue(), near.parameter()));
                    }
                }
                model.train(false);
                Tensor y = model.forward(input("in.eval.x", prepare));
                return Measure.worse(worst, file.compare("out.eval.y", y, near.scores()));
            }
        }

        private void load() throws IOException {
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> entry : model.state().entrySet()) {
                String there = "in.state." + names.apply(entry.getKey());
                state.put(entry.getKey(), file.has(there) ? file.tensor(there, device) : entry.getValue());
            }
            model.loadState(state);
        }

        private Tensor input(String name, @Nullable Module prepare) throws IOException {
            Tensor x = file.tensor(name, device);
            return prepare == null ? x : prepare.forward(x);
        }

        private Measure gradients() throws IOException {
            Measure worst = Measure.NONE;
            for (Map.Entry<String, Parameter> entry : model.parameters().entrySet()) {
                Tensor gradient = entry.getValue().gradient();
                String name = "out.grad0." + names.apply(entry.getKey());
                if (gradient == null) {
                    throw new Mismatch(name + ": no gradient");
                }
                boolean nothing = idle.contains(entry.getKey());
                Budget budget =
                        nothing ? Budget.ulp(0, "rounding errors around 0").plus(1e-6) : near.gradient();
                worst = Measure.worse(worst, file.compare(name, gradient, budget));
            }
            return worst;
        }
    }
}
