package org.nautile.validate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.models.CifarCnnSmall;
import org.nautile.models.MnistMlp;
import org.nautile.models.Unet;
import org.nautile.models.sentiment.GruSentiment;
import org.nautile.models.sentiment.SentimentNetwork;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Embedding;
import org.nautile.nn.Flatten;
import org.nautile.nn.LayerNorm;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.nn.Sequential;
import org.nautile.op.AttentionOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.ReduceOp;
import org.nautile.op.ReshapeOp;
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
        try (Scope scope = new Scope();
                Bert model = new Bert(file)) {
            model.to(device);
            new Steps(file, device, model, Nearness.adam(), Set.of(), name -> name).load();
            Tensor[] y = model.forward(
                    file.tensor("in.input_ids", device),
                    file.tensor("in.token_type_ids", device),
                    file.tensor("in.attention_mask", device));
            Budget budget = Budget.ulp(16, "sums through all layers").plus(4e-6).within(1e-6);
            Measure worst = file.compare("out.last_hidden_state", y[0], budget);
            return Measure.worse(worst, file.compare("out.pooler_output", y[1], budget));
        }
    }

    /** Devlin et al. 2018, arXiv:1810.04805. */
    private static final class Bert extends Module {
        private final int hidden;
        private final int heads;
        private final List<Embedding> embeddings = new ArrayList<>();
        private final List<Module> layers = new ArrayList<>();
        private final Module first;
        private final Module pooler;

        Bert(GoldenFile file) throws IOException {
            hidden = (int) file.number("config/hidden_size");
            heads = (int) file.number("config/num_attention_heads");
            int inner = (int) file.number("config/intermediate_size");
            Map<String, String> tables = Map.of(
                    "word", "vocab_size", "token_type", "type_vocab_size", "position", "max_position_embeddings");
            for (String table : List.of("word", "token_type", "position")) {
                int rows = (int) file.number("config/" + tables.get(table));
                embeddings.add(child("embeddings." + table + "_embeddings", new Embedding(rows, hidden, any())));
            }
            double eps = file.number("config/layer_norm_eps");
            first = child("embeddings.LayerNorm", norm(eps));
            for (int layer = 0; layer < (int) file.number("config/num_hidden_layers"); layer++) {
                String name = "encoder.layer." + layer + ".";
                for (String part : List.of("query", "key", "value")) {
                    layers.add(child(name + "attention.self." + part, new Linear(hidden, hidden, any())));
                }
                layers.add(child(name + "attention.output.dense", new Linear(hidden, hidden, any())));
                layers.add(child(name + "attention.output.LayerNorm", norm(eps)));
                layers.add(child(name + "intermediate.dense", new Linear(hidden, inner, any())));
                layers.add(child(name + "output.dense", new Linear(inner, hidden, any())));
                layers.add(child(name + "output.LayerNorm", norm(eps)));
            }
            pooler = child("pooler.dense", new Linear(hidden, hidden, any()));
        }

        private Module norm(double eps) {
            return new LayerNorm(Shape.of(hidden), eps, true, true);
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor zeros = Tensor.full(x.device(), x.dtype(), x.shape(), 0);
            return forward(x, zeros, Tensor.full(x.device(), x.dtype(), x.shape(), 1))[0];
        }

        /** What each word has become, and what the text as a whole. */
        Tensor[] forward(Tensor words, Tensor types, Tensor seen) {
            Device device = words.device();
            long[] places = LongStream.range(0, words.shape().dim(1)).toArray();
            Tensor positions = Tensor.of(device, places, Shape.of(places.length));
            byte[] keys = new byte[Math.toIntExact(seen.size())];
            long[] marks = seen.toLongArray();
            for (int i = 0; i < keys.length; i++) {
                keys[i] = (byte) marks[i];
            }
            Tensor mask = Tensor.of(device, keys, seen.shape());
            Tensor x = embeddings.get(0).forward(words);
            x = Autograd.apply(ADD, x, embeddings.get(1).forward(types));
            x = first.forward(Autograd.apply(ADD, x, embeddings.get(2).forward(positions)));
            Op attention = new AttentionOp(heads, false);
            for (int i = 0; i < layers.size(); i += 8) {
                List<Module> part = layers.subList(i, i + 8);
                Tensor attended = Autograd.apply(
                        attention,
                        part.get(0).forward(x),
                        part.get(1).forward(x),
                        part.get(2).forward(x),
                        mask);
                x = part.get(4).forward(Autograd.apply(ADD, part.get(3).forward(attended), x));
                Tensor inner = new Activation(ActivationKernel.Function.GELU)
                        .forward(part.get(5).forward(x));
                x = part.get(7).forward(Autograd.apply(ADD, part.get(6).forward(inner), x));
            }
            Tensor start = Autograd.apply(new SliceOp(1, 0, 1, 1), x);
            Tensor flat = Autograd.apply(new ReshapeOp(x.shape().dim(0), hidden), start);
            return new Tensor[] {x, Activation.tanh().forward(pooler.forward(flat))};
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
