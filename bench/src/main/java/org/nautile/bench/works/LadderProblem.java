package org.nautile.bench.works;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.AttentionOp;
import org.nautile.op.Conv2dOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.Op;

/**
 * What all rungs of a ladder compute.
 *
 * @param op its name in bench/ladder/rungs.def
 * @param text the sizes, for people
 * @param inputs as the rungs take them
 * @param sizes as the rungs take them
 * @param shape of the result
 * @param library the op that computes the same
 * @param arguments what the op takes
 * @param flops operations of one call
 * @param bytes of inputs and result together
 */
record LadderProblem(
        String op,
        String text,
        List<Tensor> inputs,
        long[] sizes,
        Shape shape,
        Op library,
        Tensor[] arguments,
        double flops,
        double bytes) {
    static final List<String> OPS = List.of("matmul", "conv2d", "attention");

    private static final int HEAD = 64; // kHead of bench/ladder/ladder.hpp
    private static final int PICTURE = 56; // pixels, a side: the first stage of a ResNet

    /** How large a size is usual. */
    enum Scale {
        CPU(768, 64, 512),
        GPU(4096, 256, 4096),
        EMULATOR(64, 8, 64);

        private final int product;
        private final int channels;
        private final int tokens;

        Scale(int product, int channels, int tokens) {
            this.product = product;
            this.channels = channels;
            this.tokens = tokens;
        }

        int size(String op) {
            return op.equals("matmul") ? product : op.equals("conv2d") ? channels : tokens;
        }
    }

    /** A problem of a size: rows and columns, channels, or tokens. */
    static LadderProblem of(String op, Inputs inputs, int size, Scale scale) {
        return switch (op) {
            case "matmul" -> matmul(inputs, size, size, size);
            case "conv2d" -> {
                int side = scale == Scale.EMULATOR ? PICTURE / 4 : PICTURE;
                yield conv2d(inputs, scale == Scale.GPU ? 32 : 1, size, size, side, side);
            }
            case "attention" -> attention(inputs, scale == Scale.GPU ? 16 : scale == Scale.CPU ? 8 : 2, size);
            default -> throw new IllegalArgumentException(op);
        };
    }

    /** A small problem whose sizes are multiples of nothing: every edge of a tile is met. */
    static LadderProblem odd(String op, Inputs inputs) {
        return switch (op) {
            case "matmul" -> matmul(inputs, 131, 133, 37);
            case "conv2d" -> conv2d(inputs, 2, 5, 35, 17, 7);
            case "attention" -> attention(inputs, 3, 67);
            default -> throw new IllegalArgumentException(op);
        };
    }

    static LadderProblem matmul(Inputs inputs, int m, int n, int k) {
        List<Tensor> tensors = List.of(inputs.uniform(m, k), inputs.uniform(k, n));
        String text = m + " x " + k + " by " + k + " x " + n;
        return of("matmul", text, tensors, new long[] {m, n, k}, Shape.of(m, n), new MatmulOp(), 2.0 * m * n * k);
    }

    static LadderProblem conv2d(Inputs inputs, int images, int in, int out, int height, int width) {
        List<Tensor> tensors = List.of(inputs.uniform(images, in, height, width), inputs.uniform(out, in, 3, 3));
        Tensor bias = Tensor.full(inputs.device(), DType.FLOAT32, Shape.of(out), 0);
        LadderProblem problem = of(
                "conv2d",
                images + (images == 1 ? " image of " : " images of ") + height + " x " + width + ", " + in + " to "
                        + out + " channels, 3 x 3",
                tensors,
                new long[] {images, in, out, height, width},
                Shape.of(images, out, height, width),
                new Conv2dOp(new Geometry(1, 1)),
                2.0 * images * in * out * height * width * 9);
        // the library's own layout of pictures is channels last
        Tensor[] arguments = {tensors.get(0).channelsLast(), tensors.get(1), bias};
        return new LadderProblem(
                problem.op,
                problem.text,
                tensors,
                problem.sizes,
                problem.shape,
                problem.library,
                arguments,
                problem.flops,
                problem.bytes);
    }

    static LadderProblem attention(Inputs inputs, int heads, int length) {
        Shape shape = Shape.of(1, heads, length, HEAD);
        List<Tensor> tensors =
                List.of(inputs.uniform(shape.dims()), inputs.uniform(shape.dims()), inputs.uniform(shape.dims()));
        String text = heads + " heads of " + HEAD + ", " + length + " tokens";
        AttentionOp op = new AttentionOp(0, false);
        return of(
                "attention",
                text,
                tensors,
                new long[] {heads, length},
                shape,
                op,
                4.0 * heads * length * length * HEAD);
    }

    private static LadderProblem of(
            String name, String text, List<Tensor> inputs, long[] sizes, Shape shape, Op library, double flops) {
        double elements =
                shape.size() + inputs.stream().mapToDouble(Tensor::size).sum();
        return new LadderProblem(
                name,
                text,
                inputs,
                sizes,
                shape,
                library,
                inputs.toArray(Tensor[]::new),
                flops,
                DType.FLOAT32.bytes() * elements);
    }
}
