package org.nautile.models.segmentation;

import java.util.Locale;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.LossReduction;
import org.nautile.nn.Loss;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/** What training a segmentation makes small, over all pixels of a batch of {@link Crops}. */
public enum PixelLoss {
    /** Cross-entropy: binary for one class, categorical for three. */
    CE,
    /** One minus Dice's coefficient; of one class. */
    DICE,
    /** Cross-entropy with weights that grow in the gaps between objects: {@link BorderWeights}. */
    SHAPE;

    /**
     * Whether the pixels' weights are read.
     *
     * @return true if so
     */
    public boolean weighted() {
        return this == SHAPE;
    }

    /**
     * The loss.
     *
     * @param logits [N,1,H,W] or [N,3,H,W]
     * @param x [N,3,H,W]: image, mask, weights
     * @param y the classes, [N,H,W]
     * @return one element
     */
    public Tensor of(Tensor logits, Tensor x, Tensor y) {
        Tensor mask = plane(x, 1);
        Tensor weight = plane(x, 2);
        if (logits.shape().dim(1) == 1) {
            return switch (this) {
                case CE -> Loss.binaryCrossEntropyWithLogits().of(logits, mask);
                case DICE -> Loss.dice(1).of(logits, mask);
                case SHAPE ->
                    Loss.binaryCrossEntropyWithLogits(weight, null, LossReduction.MEAN)
                            .of(logits, mask);
            };
        }
        return switch (this) {
            case CE -> Loss.crossEntropy().of(logits, y);
            case DICE -> throw new IllegalArgumentException("dice: logits " + logits.shape() + " are not of one class");
            case SHAPE ->
                Loss.crossEntropyOfPixels(Autograd.apply(new ReshapeOp(y.shape().dims()), weight))
                        .of(logits, y);
        };
    }

    /**
     * One of the planes of an example.
     *
     * @param x [N,3,H,W]
     * @param which 0 image, 1 mask, 2 weights
     * @return [N,1,H,W]
     */
    public static Tensor plane(Tensor x, int which) {
        return Autograd.apply(new SliceOp(1, which, which + 1), x);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
