package org.nautile.bench.works;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.nautile.Generator;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.models.CifarCnn;
import org.nautile.models.CifarCnnSmall;
import org.nautile.models.CifarMlp;
import org.nautile.models.MnistMlp;
import org.nautile.models.Unet;
import org.nautile.nn.Embedding;
import org.nautile.nn.Gru;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.nn.Recurrent;
import org.nautile.nn.Sequential;
import org.nautile.nn.TransformerEncoderLayer;
import org.nautile.op.BinaryOp;
import org.nautile.op.ReduceOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;
import org.nautile.optim.Adam;
import org.nautile.optim.Sgd;

/**
 * The whole models of the list that other libraries are measured with: a training step of each, or BERT's forward pass. The rate is 0.01
 * with plain descent (mlp_mnist), or else Adam's 0.001.
 */
final class Networks {
    private static final int FEW = 2; // examples that are compared with the reference, which is slow
    private static final int ALL = Integer.MAX_VALUE;
    private static final int LANES = 16; // fill vectors: convolutions of few channels then run as they do when timed
    private static final int SMALL = 32; // their height and width, or length
    private static final int LARGE = 128;
    private static final int WORDS = 10_000;
    private static final int COLUMNS = 128; // of a word

    private Networks() {}

    /** A training step of some examples, whose size only some models heed. */
    private interface Maker {
        TrainingJob make(Inputs inputs, int batch, int size);
    }

    private static Kinds.Kind training(int compared, Maker maker) {
        return new Kinds.Kind(
                "",
                (work, inputs) -> TrainingJob.of(
                        isRecorded(work),
                        inputs,
                        device -> maker.make(device, work.size("batch"), LARGE),
                        device -> maker.make(device, Math.min(compared, work.size("batch")), SMALL)));
    }

    /** Whether the step is run as a plan: always, unless the parameter {@code mode} is {@code eager}. */
    private static boolean isRecorded(Work work) {
        String mode = work.parameters().getOrDefault("mode", "plan");
        if (!mode.equals("plan") && !mode.equals("eager")) {
            throw new IllegalArgumentException("mode is " + mode + ", not plan or eager");
        }
        return mode.equals("plan");
    }

    static Kinds.Kind mlpMnist() {
        return training(ALL, (inputs, batch, size) -> {
            Module network = MnistMlp.network(10, random());
            network.to(inputs.device());
            return new TrainingJob(
                    network,
                    new Sgd(network, 0.01),
                    Loss.crossEntropy(),
                    inputs.uniform(batch, 784),
                    inputs.labels(batch, 10));
        });
    }

    static Kinds.Kind mlpCifar() {
        return training(
                LANES,
                (inputs, batch, size) -> classifier(
                        inputs,
                        CifarMlp.network(1024, random()),
                        inputs.uniform(batch, 3072),
                        inputs.labels(batch, 10)));
    }

    static Kinds.Kind lenetCifar() {
        return training(
                LANES,
                (inputs, batch, size) -> classifier(
                        inputs,
                        CifarCnnSmall.network(random()),
                        pictures(inputs, batch, 3, 32),
                        inputs.labels(batch, 10)));
    }

    static Kinds.Kind cnnCifar() {
        return training(
                FEW,
                (inputs, batch, size) -> classifier(
                        inputs,
                        CifarCnn.network(32, true, true, random()),
                        pictures(inputs, batch, 3, 32),
                        inputs.labels(batch, 10)));
    }

    static Kinds.Kind transformer() {
        return training(
                FEW,
                (inputs, batch, size) -> classifier(
                        inputs, new Transformer(size, random()), words(inputs, batch, size), inputs.labels(batch, 2)));
    }

    private static TrainingJob classifier(Inputs inputs, Module network, Tensor x, Tensor labels) {
        network.to(inputs.device());
        return new TrainingJob(network, adam(network), Loss.crossEntropy(), x, labels);
    }

    static Kinds.Kind unet() {
        return training(
                FEW,
                (inputs, batch, size) -> judge(
                        inputs,
                        new Unet.Network(4, 32, 1, false, random()),
                        pictures(inputs, batch, 1, size),
                        inputs.bits(batch, 1, size, size).channelsLast()));
    }

    static Kinds.Kind gruSentiment() {
        return training(
                FEW,
                (inputs, batch, size) ->
                        judge(inputs, new GruNetwork(random()), words(inputs, batch, size), inputs.bits(batch, 1)));
    }

    private static TrainingJob judge(Inputs inputs, Module network, Tensor x, Tensor target) {
        network.to(inputs.device());
        return new TrainingJob(network, adam(network), Loss.binaryCrossEntropyWithLogits(), x, target);
    }

    /** Twelve layers of BERT-base on states of words that are there. */
    static Kinds.Kind bert() {
        return new Kinds.Kind("", (work, inputs) -> {
            int batch = work.size("batch");
            Module network = new Sequential(Stream.generate(() -> new TransformerEncoderLayer(
                            768, 12, 3072, 0.1, ActivationKernel.Function.GELU, false, random()))
                    .limit(12)
                    .toArray(Module[]::new));
            network.to(inputs.device());
            network.train(false);
            Tensor x = inputs.uniform(batch, LARGE, 768);
            Supplier<Tensor> forward = () -> {
                try (Autograd.Pause pause = Autograd.noGrad()) {
                    return network.forward(x);
                }
            };
            Runnable eager = () -> {
                try (Scope scope = new Scope()) {
                    forward.get().close();
                }
            };
            List<Tensor> weights =
                    network.parameters().values().stream().map(Parameter::value).toList();
            Plan plan = isRecorded(work) ? Plan.record(inputs.device(), weights, forward) : null;
            return new Job(
                    plan == null ? eager : plan::run,
                    () -> List.of(plan == null ? forward.get() : plan.run()),
                    null,
                    () -> {
                        if (plan != null) {
                            plan.close();
                        }
                        network.close();
                    });
        });
    }

    private static Generator random() {
        return new Generator(1, 0);
    }

    private static Adam adam(Module network) {
        return new Adam(network, 0.001, 0.9, 0.999, 1e-8, 0);
    }

    private static Tensor pictures(Inputs inputs, int batch, int channels, int side) {
        return inputs.uniform(batch, channels, side, side).channelsLast();
    }

    private static Tensor words(Inputs inputs, int batch, int length) {
        return inputs.labels(batch * length, WORDS).reshape(Shape.of(batch, length));
    }

    /** Reads words one by one; the last state decides. */
    private static final class GruNetwork extends Module {
        private final Module embedding;
        private final Module gru;
        private final Module out;

        GruNetwork(Generator random) {
            embedding = child("e", new Embedding(WORDS, COLUMNS, random));
            gru = child("g", new Gru(COLUMNS, 256, new Recurrent.Options().withBatchFirst(), random));
            out = child("o", new Linear(256, 1, random));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor states = gru.forward(embedding.forward(x));
            long length = states.shape().dim(1);
            Tensor last = Autograd.apply(new SliceOp(1, length - 1, length), states);
            return out.forward(Autograd.apply(new ReshapeOp(List.of(x.shape().dim(0), 256L)), last));
        }
    }

    /** Two layers of an encoder on words with learnt positions; the mean of the states decides. */
    private static final class Transformer extends Module {
        private final Module embedding;
        private final Parameter positions;
        private final Module layers;
        private final Module out;

        Transformer(int length, Generator random) {
            embedding = child("e", new Embedding(WORDS, COLUMNS, random));
            float[] values = new float[length * COLUMNS];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat(-0.02F, 0.02F);
            }
            positions = parameter("p", Tensor.of(values, length, COLUMNS));
            layers = child(
                    "t",
                    new Sequential(
                            new TransformerEncoderLayer(COLUMNS, 4, 512, random),
                            new TransformerEncoderLayer(COLUMNS, 4, 512, random)));
            out = child("o", new Linear(COLUMNS, 2, random));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor placed =
                    Autograd.apply(new BinaryOp(BinaryKernel.Function.ADD), embedding.forward(x), positions.value());
            Tensor states = layers.forward(placed);
            return out.forward(Autograd.apply(ReduceOp.along(ReduceKernel.Function.MEAN, 1), states));
        }
    }
}
