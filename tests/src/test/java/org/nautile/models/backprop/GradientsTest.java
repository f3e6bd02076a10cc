package org.nautile.models.backprop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.io.Safetensors;
import org.nautile.models.MnistMlp;
import org.nautile.models.backprop.Perceptron.Layer;
import org.nautile.nn.Loss;
import org.nautile.nn.Parameter;
import org.nautile.nn.Sequential;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;

/** The slides' gradients are those of the engine, of PyTorch, and of finite differences. */
@ExtendWith(RestoresDefaults.class)
class GradientsTest {
    private static final Path GOLDEN = Path.of("src/main/resources/golden/model/mnist_mlp.safetensors");

    private static double[] normal(Generator random, int count) {
        double[] values = new double[count];
        Arrays.setAll(values, i -> random.nextGaussian());
        return values;
    }

    private static Perceptron perceptron(Generator random, int... sizes) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 1; i < sizes.length; i++) {
            double[][] a = new double[sizes[i]][];
            double scale = Math.sqrt(2.0 / sizes[i - 1]);
            for (int k = 0; k < a.length; k++) {
                a[k] = Arrays.stream(normal(random, sizes[i - 1]))
                        .map(value -> scale * value)
                        .toArray();
            }
            layers.add(new Layer(a, normal(random, sizes[i])));
        }
        return new Perceptron(layers);
    }

    private static int[] sizes(String text) {
        return Arrays.stream(text.split("-", -1)).mapToInt(Integer::parseInt).toArray();
    }

    private static double largest(double[]... rows) {
        return Arrays.stream(rows)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .max()
                .orElse(0);
    }

    @ParameterizedTest
    @CsvSource({"49-16-8-4", "784-64-32-10", "5-3", "7-11-2", "3-4-5-6-5-4-3", "1-1-1-1"})
    void formulasGiveWhatAutogradGives(String text) {
        int[] sizes = sizes(text);
        for (long seed = 0; seed < 5; seed++) {
            Generator random = new Generator(seed, 0);
            Perceptron perceptron = perceptron(random, sizes);
            int classes = sizes[sizes.length - 1];
            GradientCheck check = new GradientCheck(perceptron, normal(random, sizes[0]), random.nextInt(classes));
            assertTrue(check.worst() <= 1e-10, text + ", seed " + seed + ": " + check.table());
            assertEquals(3 * (sizes.length - 1) + 2, check.table().size());
        }
    }

    /** The examples above are worth something: no layer's gradients are all zero. */
    @Test
    void gradientsAreThere() {
        Generator random = new Generator(0, 0);
        Gradients gradients = perceptron(random, 49, 16, 8, 4).gradients(normal(random, 49), 2);
        for (int i = 0; i < 3; i++) {
            assertTrue(largest(gradients.a()[i]) > 1e-3, "dl/dA_" + (i + 1));
            assertTrue(largest(gradients.b()[i]) > 1e-3, "dl/db_" + (i + 1));
            assertTrue(largest(gradients.x()[i]) > 1e-3, "dl/dx_" + i);
        }
    }

    /** A number that is a millionth off, or none, is found wherever it is. */
    @Test
    void wrongNumbersAreSeen() {
        Generator random = new Generator(3, 0);
        Perceptron perceptron = perceptron(random, 6, 5, 4, 3);
        double[] input = normal(random, 6);
        Gradients right = perceptron.gradients(input, 1);
        assertEquals(0, new GradientCheck(right, right, right).worst());
        for (double wrong : new double[] {1 + 1e-6, -1, Double.NaN}) {
            for (int i = 0; i < 3; i++) {
                Gradients a = perceptron.gradients(input, 1);
                scaleLargest(wrong, a.a()[i]);
                seen(right, a);
                Gradients b = perceptron.gradients(input, 1);
                scaleLargest(wrong, b.b()[i]);
                seen(right, b);
                Gradients x = perceptron.gradients(input, 1);
                scaleLargest(wrong, x.x()[i]);
                seen(right, x);
            }
        }
    }

    private static void seen(Gradients right, Gradients wrong) {
        assertTrue(!(new GradientCheck(wrong, right, right).worst() <= 1e-7));
        assertTrue(!(new GradientCheck(right, wrong, right).worst() <= 1e-7));
        assertTrue(!(new GradientCheck(right, right, wrong).worst() <= 1e-7));
    }

    private static void scaleLargest(double factor, double[]... rows) {
        double largest = largest(rows);
        for (double[] row : rows) {
            for (int j = 0; j < row.length; j++) {
                row[j] *= Math.abs(row[j]) == largest ? factor : 1;
            }
        }
    }

    private static double loss(Perceptron perceptron, double[] input, int label) {
        return -Math.log(perceptron.neurons(input)[perceptron.layers().size()][label]);
    }

    @Test
    void formulasGiveWhatFiniteDifferencesGive() {
        double step = 1e-6;
        Generator random = new Generator(1, 0);
        Perceptron perceptron = perceptron(random, 5, 4, 3);
        double[] input = normal(random, 5);
        Gradients gradients = perceptron.gradients(input, 2);
        for (int j = 0; j < input.length; j++) {
            double saved = input[j];
            input[j] = saved + step;
            double up = loss(perceptron, input, 2);
            input[j] = saved - step;
            double down = loss(perceptron, input, 2);
            input[j] = saved;
            assertEquals((up - down) / (2 * step), gradients.x()[0][j], 1e-8, "x_0 at " + j);
        }
        double[] row = perceptron.layers().get(0).a()[1];
        for (int j = 0; j < row.length; j++) {
            double saved = row[j];
            row[j] = saved + step;
            double up = loss(perceptron, input, 2);
            row[j] = saved - step;
            double down = loss(perceptron, input, 2);
            row[j] = saved;
            assertEquals((up - down) / (2 * step), gradients.a()[0][1][j], 1e-8, "A_1 at 1, " + j);
        }
    }

    private static double[] numbers(Safetensors file, String name) throws IOException {
        try (Scope scope = new Scope()) {
            return file.tensor(name, Device.of("reference")).toDoubleArray();
        }
    }

    /** PyTorch's gradients of the mean loss of a batch are the mean of the slides'. */
    @Test
    void formulasGiveWhatPyTorchGives() throws IOException {
        Device.setDefault(Device.of("reference"));
        Safetensors file = Safetensors.open(GOLDEN);
        String[] names = {"1", "3", "5"};
        try (Sequential network = MnistMlp.network(10, new Generator(0, 0))) {
            List<Parameter> parameters = List.copyOf(network.parameters().values());
            for (int i = 0; i < 3; i++) {
                set(parameters.get(2 * i), numbers(file, "in.state." + names[i] + ".weight"));
                set(parameters.get(2 * i + 1), numbers(file, "in.state." + names[i] + ".bias"));
            }
            Perceptron perceptron = Perceptron.of(network);
            double[] pixels = numbers(file, "in.batch0.x");
            double[] labels = numbers(file, "in.batch0.y");
            List<Gradients> all = new ArrayList<>();
            for (int example = 0; example < labels.length; example++) {
                double[] image = Arrays.copyOfRange(pixels, 784 * example, 784 * (example + 1));
                all.add(perceptron.gradients(image, (int) labels[example]));
            }
            for (int i = 0; i < 3; i++) {
                int layer = i;
                near(
                        numbers(file, "out.grad0." + names[i] + ".weight"),
                        all.stream()
                                .map(g -> Arrays.stream(g.a()[layer])
                                        .flatMapToDouble(Arrays::stream)
                                        .toArray())
                                .toList());
                near(
                        numbers(file, "out.grad0." + names[i] + ".bias"),
                        all.stream().map(g -> g.b()[layer]).toList());
            }
        }
    }

    private static void set(Parameter parameter, double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        parameter.value().set(floats);
    }

    /** As near as float32, in which the numbers are stored, allows. */
    private static void near(double[] expected, List<double[]> examples) {
        assertTrue(largest(expected) > 1e-3);
        for (int i = 0; i < expected.length; i++) {
            int place = i;
            double mean = examples.stream()
                    .mapToDouble(example -> example[place])
                    .average()
                    .orElseThrow();
            assertEquals(expected[i], mean, 1e-7 * (1e-1 + Math.abs(expected[i])), "at " + i);
        }
    }

    /** The network after four steps of training is the one after four updates by the slides' rule. */
    @Test
    void updatesAreThoseOfTraining() {
        Device.setDefault(Device.of("reference"));
        double rate = 0.25;
        ImageDataset digits = Mnist.generate(7, 12).flattened();
        try (Sequential network = MnistMlp.network(10, new Generator(7, 0))) {
            WeightHistory moments = new WeightHistory(network, 6, 1);
            Perceptron expected = Perceptron.of(network);
            Trainer.of(network)
                    .optimizer(new Sgd(network, rate))
                    .loss(Loss.crossEntropy())
                    .train(digits)
                    .batchSize(1)
                    .shuffle(false)
                    .listener(moments)
                    .build()
                    .run();
            SortedMap<Integer, Perceptron> all = moments.all();
            assertEquals(List.of(0, 1, 2, 3, 4, 6, 8, 12), List.copyOf(all.keySet()));
            assertEquals(List.of(0, 6, 12), List.copyOf(moments.frames().keySet()));
            for (int step = 0; step < 4; step++) {
                double[] image = new double[784];
                float[] pixels = digits.pixels(step);
                Arrays.setAll(image, i -> pixels[i]);
                expected = expected.updated(rate, expected.gradients(image, digits.label(step)));
                Perceptron trained = Objects.requireNonNull(all.get(step + 1));
                for (int i = 0; i < 3; i++) {
                    Layer right = expected.layers().get(i);
                    Layer found = trained.layers().get(i);
                    assertArrayEquals(right.b(), found.b(), 1e-6);
                    for (int k = 0; k < right.a().length; k++) {
                        assertArrayEquals(right.a()[k], found.a()[k], 1e-6);
                    }
                }
            }
            double moved = 0;
            for (int k = 0; k < 10; k++) {
                double start =
                        Objects.requireNonNull(all.get(0)).layers().get(2).b()[k];
                moved = Math.max(
                        moved, Math.abs(start - expected.layers().get(2).b()[k]));
            }
            assertTrue(moved > 0.05, "the bias moved by " + moved);
        }
    }
}
