package org.nautile.models;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.ImageDataset;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.ScatterChart;
import org.nautile.models.projection.Pca;
import org.nautile.models.projection.Tsne;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.Evaluation;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What each layer of the perceptron makes of handwritten digits, drawn in the plane by PCA and by t-SNE. */
public final class Representation implements Model {
    private static final int CLASSES = 10;
    private static final int QUICK_POINTS = 300;
    private static final int QUICK_STEPS = 300;

    @Option(names = "--points", paramLabel = "N", description = "Test digits to draw. Default: ${DEFAULT-VALUE}.")
    int points = 1000;

    @Option(
            names = "--perplexity",
            paramLabel = "X",
            description = "About how many neighbours of a digit count in t-SNE. Default: ${DEFAULT-VALUE}.")
    double perplexity = 30;

    @Option(
            names = "--tsne-steps",
            paramLabel = "N",
            description = "Steps of t-SNE's gradient descent. Default: ${DEFAULT-VALUE}.")
    int steps = 750;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public Representation() {}

    @Override
    public void check() {
        if (!(perplexity >= 1 && 3 * perplexity < Math.min(points, QUICK_POINTS))) {
            throw new IllegalArgumentException("--perplexity " + perplexity + " is not from 1 to a third of the "
                    + Math.min(points, QUICK_POINTS) + " points");
        }
        Options.atLeast("--tsne-steps", steps, 1);
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        Digits digits = Digits.load(run, CLASSES);
        ImageDataset train = digits.train().flattened();
        ImageDataset test = digits.test().flattened();
        try (Sequential model = MnistMlp.network(CLASSES, new Generator(run.seed(), 0))) {
            run.describe(digits.source(), model.parameterCount());
            run.train(
                    techniques
                            .trainer(run, model, train)
                            .loss(Loss.crossEntropy())
                            .test(test),
                    model);
            if (run.interrupted()) {
                return;
            }
            draw(run, model, test.limit(run.quick() ? Math.min(points, QUICK_POINTS) : points));
            double accuracy = Evaluation.of(model, Loss.crossEntropy(), test, run.device())
                    .accuracy();
            run.result(String.format(Locale.ROOT, "test accuracy %.4f", accuracy));
        }
    }

    /** A row of pictures by PCA, one by t-SNE: of the pixels and of what the hidden layers make of them. */
    private void draw(Run run, Sequential model, ImageDataset shown) throws IOException {
        int[] labels = IntStream.range(0, shown.size()).map(shown::label).toArray();
        List<Picture> byPca = new ArrayList<>();
        List<Picture> byTsne = new ArrayList<>();
        model.train(false);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            for (Map.Entry<String, Tensor> layer : layers(run, model, shown).entrySet()) {
                Tensor x = layer.getValue();
                Pca pca = Pca.of(x, 2, run.seed());
                double[] plane = pca.project(x).toDoubleArray();
                String share = String.format(
                        Locale.ROOT,
                        "%.0f %% of the variance to the right, %.0f %% up",
                        100 * pca.variances()[0] / pca.total(),
                        100 * pca.variances()[1] / pca.total());
                byPca.add(new ScatterChart(layer.getKey() + ", PCA", share, pairs(plane), labels, shown.names()));
                int most = run.quick() ? Math.min(steps, QUICK_STEPS) : steps;
                double[][] places = new Tsne(perplexity, most, run.seed()).place(x);
                byTsne.add(new ScatterChart(
                        layer.getKey() + ", t-SNE",
                        "only who is whose neighbour has a meaning",
                        places,
                        labels,
                        shown.names()));
            }
        }
        int columns = byPca.size();
        byPca.addAll(byTsne);
        run.picture("representation.png", new Grid(shown.size() + " test digits, layer by layer", columns, byPca));
    }

    /** The pixels and the outputs of the hidden layers, after ReLU: [N, features] each. */
    private static Map<String, Tensor> layers(Run run, Sequential model, ImageDataset shown) {
        int size = (int) shown.sampleShape().size();
        float[] pixels = new float[shown.size() * size];
        for (int i = 0; i < shown.size(); i++) {
            shown.sample(i, pixels, i * size);
        }
        Tensor x = Tensor.of(run.device(), pixels, Shape.of(shown.size(), size));
        List<Tensor> outputs = model.outputs(x);
        Map<String, Tensor> layers = new LinkedHashMap<>();
        layers.put("Pixels", x);
        layers.put("Layer 1", outputs.get(1));
        layers.put("Layer 2", outputs.get(3));
        return layers;
    }

    private static double[][] pairs(double... plane) {
        return IntStream.range(0, plane.length / 2)
                .mapToObj(i -> new double[] {plane[2 * i], plane[2 * i + 1]})
                .toArray(double[][]::new);
    }

    @Override
    public String name() {
        return "representation";
    }

    @Override
    public String part() {
        return "I Foundations";
    }

    @Override
    public String summary() {
        return "what each layer of mnist-mlp makes of digits: PCA, t-SNE";
    }

    @Override
    public long parameters() {
        return 52_650;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(5, 64, 0.001);
    }
}
