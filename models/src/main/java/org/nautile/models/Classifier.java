package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Module;
import org.nautile.op.SoftmaxOp;

/**
 * A network that gives a score for each class of images.
 *
 * @param network the network
 * @param input the shape of an image, [channels, height, width]
 * @param prepare makes what the network takes of images [N, channels, height, width] with numbers from 0 to 1
 * @param classes their names, in the order of the scores
 */
public record Classifier(Module network, Shape input, UnaryOperator<Tensor> prepare, List<String> classes)
        implements Predictor {
    private static final int SHOWN = 3;

    /**
     * A class that an image may show.
     *
     * @param name of the class
     * @param probability from 0 to 1
     */
    public record Guess(String name, double probability) {}

    /** The three likeliest classes. An image of another size or colour than the network's is converted. */
    @Override
    public Supplier<Answer> read(String file, boolean inverted) throws IOException {
        float[] pixels = pixels(file, inverted);
        return () -> answer(guess(pixels));
    }

    @Override
    public Optional<Classifier> asClassifier() {
        return Optional.of(this);
    }

    /**
     * The image of a file, converted to the network's size and colour.
     *
     * @param file its path
     * @param inverted whether to change dark and light
     * @return of {@link #input}, each number from 0 to 1
     * @throws IOException if the file cannot be read, or is not an image
     */
    public float[] pixels(String file, boolean inverted) throws IOException {
        float[] pixels = ImageFile.read(Path.of(file), input);
        for (int i = 0; i < pixels.length && inverted; i++) {
            pixels[i] = 1 - pixels[i];
        }
        return pixels;
    }

    /** The three likeliest of some classes. */
    static Answer answer(List<Guess> guesses) {
        List<Guess> shown = guesses.subList(0, Math.min(SHOWN, guesses.size()));
        String text = shown.stream()
                .map(guess -> String.format(Locale.ROOT, "%s %.1f %%", guess.name(), 100 * guess.probability()))
                .collect(Collectors.joining(", "));
        return new Answer(text, Map.of("classes", shown), Optional.empty());
    }

    /** Images, one after the other, as the network takes them; on the default device. */
    Tensor prepared(float... pixels) {
        Shape shape = Shape.of(pixels.length / input.size(), input.dim(0), input.dim(1), input.dim(2));
        return prepare.apply(Tensor.of(Device.defaultDevice(), pixels, shape));
    }

    /**
     * Says what an image shows.
     *
     * @param pixels the image, of {@link #input}, each number from 0 to 1
     * @return the classes, likeliest first
     */
    public List<Guess> guess(float[] pixels) {
        network.train(false);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor scores = network.forward(prepared(pixels));
            double[] shares = Autograd.apply(new SoftmaxOp(1), scores).toDoubleArray();
            return IntStream.range(0, shares.length)
                    .mapToObj(i -> new Guess(classes.get(i), shares[i]))
                    .sorted(Comparator.comparingDouble(Guess::probability).reversed())
                    .toList();
        }
    }
}
