package org.nautile.op;

import java.util.List;
import org.nautile.Shape;
import org.nautile.Tensor;

/**
 * The invertible pooling, and its inverse. Every square of k x k pixels becomes one pixel of k k times as many channels: x [N, C,
 * H, W], y [N, C k k, H / k, W / k] with {@code y[n, (c k + i) k + j, p, q] = x[n, c, p k + i, q k + j]}. Nothing is lost: the
 * inverse of the result is x, bit by bit. As {@code torch.nn.functional.pixel_unshuffle} and {@code pixel_shuffle}.
 *
 * @param factor k, {@code >= 1}
 * @param inverse from few channels to many if false, back if true
 */
public record Squeeze2dOp(int factor, boolean inverse) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * Checks the parameters.
     *
     * @param factor {@code >= 1}
     * @param inverse the direction
     */
    public Squeeze2dOp {
        if (factor < 1) {
            throw new IllegalArgumentException("squeeze2d: the factor " + factor + " is below 1");
        }
    }

    @Override
    public String name() {
        return inverse ? "unsqueeze2d" : "squeeze2d";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        Shape shape = x.shape();
        long square = (long) factor * factor;
        if (shape.rank() != 4) {
            throw call.error("x must be [N,C,H,W]");
        }
        if (inverse ? shape.dim(1) % square != 0 : shape.dim(2) % factor != 0 || shape.dim(3) % factor != 0) {
            throw call.error(inverse ? "C must be a multiple of " + square : "H and W must be multiples of " + factor);
        }
        Tensor y = call.resultOfPictures(x.dtype(), moved(shape));
        move(x, y);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (gradients.wants(0)) {
            Shape shape = call.input(0).shape();
            Tensor dx = Tensor.emptyChannelsLast(dy.device(), dy.dtype(), shape);
            new Squeeze2dOp(factor, !inverse).move(dy, dx);
            gradients.add(0, dx);
        }
    }

    private Shape moved(Shape shape) {
        long square = (long) factor * factor;
        return inverse
                ? Shape.of(shape.dim(0), shape.dim(1) / square, shape.dim(2) * factor, shape.dim(3) * factor)
                : Shape.of(shape.dim(0), shape.dim(1) * square, shape.dim(2) / factor, shape.dim(3) / factor);
    }

    /** One copy between views of the pictures as [row in the square, N, H / k, W / k, column in the square, C]. */
    private void move(Tensor x, Tensor y) {
        if (x.size() > 0) {
            Tensor from = inverse ? apart(x) : squares(x);
            Tensor to = inverse ? squares(y) : apart(y);
            to.copyFrom(from);
        }
    }

    /** Pixels [N, C, H, W], square by square. */
    private Tensor squares(Tensor x) {
        Shape shape = x.shape();
        return x.view(
                Shape.of(factor, shape.dim(0), shape.dim(2) / factor, shape.dim(3) / factor, factor, shape.dim(1)),
                x.offset(),
                x.stride(2),
                x.stride(0),
                x.stride(2) * factor,
                x.stride(3) * factor,
                x.stride(3),
                x.stride(1));
    }

    /** Pixels [N, C k k, H / k, W / k], their channels apart. */
    private Tensor apart(Tensor x) {
        Shape shape = x.shape();
        long square = (long) factor * factor;
        return x.view(
                Shape.of(factor, shape.dim(0), shape.dim(2), shape.dim(3), factor, shape.dim(1) / square),
                x.offset(),
                x.stride(1) * factor,
                x.stride(0),
                x.stride(2),
                x.stride(3),
                x.stride(1),
                x.stride(1) * square);
    }
}
