package org.nautile.models;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.UpsampleKernel;
import org.nautile.data.ImageDataset;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.Picture;
import org.nautile.models.vision.VisionTransformer;
import org.nautile.nn.Module;
import org.nautile.op.UpsampleOp;

/**
 * What a Vision Transformer says of an image, and where it looked: attention rollout (Abnar and Zuidema 2020,
 * arXiv:2005.00928), drawn over the image.
 *
 * @param model the network
 * @param classifier the same, with its classes
 * @param patch rows and columns of a patch
 */
record VitAttention(VisionTransformer model, Classifier classifier, int patch) implements Predictor {
    private static final int SHOWN = 12;
    private static final int SIDE = 112; // of an image among others, points
    private static final int LARGE = 224; // of a single one

    /**
     * From dark to light, so that lightness alone tells more from less: black, violet, magenta, orange, light yellow,
     * as red, green and blue from 0 to 1.
     */
    private static final float[][] HEAT = {
        {0.00F, 0.00F, 0.02F},
        {0.32F, 0.07F, 0.48F},
        {0.72F, 0.22F, 0.47F},
        {0.99F, 0.53F, 0.38F},
        {0.99F, 0.99F, 0.75F}
    };

    private static final float OVER = 0.6F; // how much of the colour covers the image

    @Override
    public Module network() {
        return model;
    }

    @Override
    public Optional<Classifier> asClassifier() {
        return Optional.of(classifier);
    }

    /** The three likeliest classes, and a picture of where it looked. */
    @Override
    public Supplier<Answer> read(String file, boolean inverted) throws IOException {
        float[] pixels = classifier.pixels(file, inverted);
        return () -> {
            List<Classifier.Guess> guesses = classifier.guess(pixels);
            Answer said = Classifier.answer(guesses);
            ImageGrid grid = grid(2, LARGE);
            add(grid, pixels, guesses.get(0), "the image", "as it was read");
            return new Answer(said.text(), said.values(), Optional.of(grid));
        };
    }

    /** Some test images, each class in turn, beside themselves with what was attended to. */
    Picture picture(ImageDataset test) {
        ImageGrid grid = grid(6, SIDE);
        ImageDataset images = test.scaled(0, 1);
        for (int index : images.eachClassInTurn(SHOWN)) {
            float[] pixels = images.pixels(index);
            Classifier.Guess guess = classifier.guess(pixels).get(0);
            add(grid, pixels, guess, "a test image", "is " + images.names().get(images.label(index)));
        }
        return grid;
    }

    private static ImageGrid grid(int columns, int side) {
        return new ImageGrid(
                "Where the Vision Transformer looked",
                "attention rollout: dark for the least, light for the most",
                columns,
                side);
    }

    private void add(ImageGrid grid, float[] pixels, Classifier.Guess guess, String first, String second) {
        Shape shape = classifier.input();
        int height = (int) shape.dim(1);
        int width = (int) shape.dim(2);
        grid.add(pixels, (int) shape.dim(0), height, width, first, second);
        grid.add(
                over(pixels, enlarged(rollout(pixels), height, width)),
                3,
                height,
                width,
                "says " + guess.name(),
                String.format(Locale.ROOT, "%.1f %%", 100 * guess.probability()));
    }

    /** How much each patch takes part in the class token's last state: [H / patch * W / patch], the sum is below 1. */
    float[] rollout(float[] pixels) {
        try (Scope scope = new Scope()) {
            model.train(false);
            return VisionTransformer.rollout(model.attention(classifier.prepared(pixels)));
        }
    }

    /**
     * A number for each pixel, from 0 for the least to 1 for the most, with straight lines between the patches'
     * middles.
     */
    private float[] enlarged(float[] patches, int height, int width) {
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        for (float value : patches) {
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        float[] shares = new float[patches.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = most > least ? (patches[i] - least) / (most - least) : 0;
        }
        try (Scope scope = new Scope()) {
            Shape grid = Shape.of(1, 1, height / patch, width / patch);
            Tensor small = Tensor.of(Device.defaultDevice(), shares, grid);
            return new UpsampleOp(UpsampleKernel.Mode.BILINEAR, patch)
                    .apply(small)
                    .toFloatArray();
        }
    }

    /** An image in grey, [H, W] or [3, H, W], under colours: [3, H, W]. */
    private static float[] over(float[] pixels, float... heat) {
        int plane = heat.length;
        int channels = pixels.length / plane;
        float[] drawn = new float[3 * plane];
        for (int i = 0; i < plane; i++) {
            float grey = 0;
            for (int c = 0; c < channels; c++) {
                grey += pixels[c * plane + i] / channels;
            }
            float place = Math.max(0, Math.min(1, heat[i])) * (HEAT.length - 1);
            int below = Math.min(HEAT.length - 2, (int) place);
            for (int c = 0; c < 3; c++) {
                float colour = HEAT[below][c] + (place - below) * (HEAT[below + 1][c] - HEAT[below][c]);
                drawn[c * plane + i] = OVER * colour + (1 - OVER) * grey;
            }
        }
        return drawn;
    }
}
