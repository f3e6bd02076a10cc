package org.nautile.models.vision;

import java.util.ArrayList;
import java.util.List;
import org.nautile.DType;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Init;
import org.nautile.nn.LayerNorm;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.nn.TransformerEncoderLayer;
import org.nautile.op.BinaryOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * A Vision Transformer (Dosovitskiy et al. 2020, arXiv:2010.11929): the patches of an image and a class token, each
 * with a vector for its place, go through layers of an encoder; the class token then says what the image shows.
 * Parameters begin with {@code patches.}, {@code layer0.} and so on, {@code norm.} and {@code head.}; there are {@code
 * class_token} [1, 1, E] and {@code places} [1, 1 + patches, E].
 */
public final class VisionTransformer extends Module {
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final double DEVIATION = 0.02; // of class token and places at first; the authors' token is 0
    private static final int WIDER = 2; // the feed-forward networks; 4 in the paper

    /**
     * The sizes of a network.
     *
     * @param patch rows and columns of a patch, pixels
     * @param width the numbers E of a token
     * @param heads of each layer's attention; they divide the width
     * @param layers of the encoder
     * @param dropout the probability that an element of what a layer adds is dropped, in training
     */
    public record Sizes(int patch, int width, int heads, int layers, double dropout) {}

    private final int width;
    private final Conv2d patches;
    private final Parameter classToken;
    private final Parameter places;
    private final List<TransformerEncoderLayer> layers = new ArrayList<>();
    private final LayerNorm norm;
    private final Linear head;

    /**
     * A new network.
     *
     * @param image the shape of an image, [C, H, W]; the patches divide H and W
     * @param classes what it tells apart
     * @param sizes its sizes
     * @param random draws the first weights
     */
    public VisionTransformer(Shape image, int classes, Sizes sizes, Generator random) {
        width = sizes.width;
        long tokens = 1 + image.dim(1) / sizes.patch * (image.dim(2) / sizes.patch);
        ConvOptions each = ConvOptions.kernel(sizes.patch).stride(sizes.patch);
        patches = child("patches", new Conv2d((int) image.dim(0), width, each, random));
        classToken = parameter("class_token", Init.normal(Tensor.zeros(1, 1, width), 0, DEVIATION, random));
        places = parameter("places", Init.normal(Tensor.zeros(1, tokens, width), 0, DEVIATION, random));
        for (int i = 0; i < sizes.layers; i++) {
            layers.add(child(
                    "layer" + i,
                    new TransformerEncoderLayer(
                            width,
                            sizes.heads,
                            WIDER * width,
                            sizes.dropout,
                            ActivationKernel.Function.GELU,
                            true,
                            random)));
        }
        norm = child("norm", new LayerNorm(width));
        head = child("head", new Linear(width, classes, random));
    }

    /** Images [N, C, H, W] as the class token and a token for each patch, row by row: [N, 1 + patches, E]. */
    private Tensor tokens(Tensor x) {
        long batch = x.shape().dim(0);
        Tensor grid = patches.forward(x); // [N, E, H / patch, W / patch]
        Tensor columns = Autograd.apply(new ReshapeOp(batch, width, -1), grid);
        Tensor rows = Autograd.apply(new PermuteOp(0, 2, 1), columns);
        Tensor none = Tensor.full(x.device(), DType.FLOAT32, Shape.of(batch, 1, width), 0);
        Tensor first = Autograd.apply(ADD, none, classToken.value()); // once for each image
        return Autograd.apply(ADD, Autograd.apply(new ConcatOp(1), first, rows), places.value());
    }

    /**
     * The scores of the classes.
     *
     * @param x images [N, C, H, W]
     * @return [N, classes]
     */
    @Override
    public Tensor forward(Tensor x) {
        Tensor y = tokens(x);
        for (TransformerEncoderLayer layer : layers) {
            y = layer.forward(y);
        }
        Tensor token = Autograd.apply(new SliceOp(1, 0, 1), y);
        return head.forward(norm.forward(Autograd.apply(new ReshapeOp(-1, width), token)));
    }

    /**
     * What each token attends to. Without gradients.
     *
     * @param x images [N, C, H, W]
     * @return the weights of each layer, [N, heads, 1 + patches, 1 + patches]; the class token is the first
     */
    public List<Tensor> attention(Tensor x) {
        try (Autograd.Pause pause = Autograd.noGrad()) {
            List<Tensor> weights = new ArrayList<>();
            Tensor y = tokens(x);
            for (TransformerEncoderLayer layer : layers) {
                weights.add(layer.weights(y, null, false));
                y = weights.size() < layers.size() ? layer.forward(y) : y;
            }
            return weights;
        }
    }

    /**
     * Attention rollout (Abnar and Zuidema 2020, arXiv:2005.00928): the weights of all layers multiplied, each the mean
     * over the heads, with as much again for what a layer's input adds to its output directly.
     *
     * @param weights what {@link #attention} says of one image
     * @return how much of the class token's last state comes from each patch, row by row; with what comes from the
     *     token itself, the sum is 1
     */
    public static float[] rollout(List<Tensor> weights) {
        int tokens = (int) weights.get(0).shape().dim(2);
        double[] flow = new double[tokens];
        flow[0] = 1;
        for (int layer = weights.size() - 1; layer >= 0; layer--) { // the class token's row of the product alone
            float[] values = weights.get(layer).toFloatArray();
            long heads = weights.get(layer).shape().dim(1);
            double[] before = new double[tokens];
            for (int i = 0; i < values.length; i++) {
                before[i % tokens] += 0.5 * flow[i / tokens % tokens] * values[i] / heads;
            }
            for (int i = 0; i < tokens; i++) {
                before[i] += 0.5 * flow[i];
            }
            flow = before;
        }
        float[] patches = new float[tokens - 1];
        for (int i = 0; i < patches.length; i++) {
            patches[i] = (float) flow[i + 1];
        }
        return patches;
    }
}
