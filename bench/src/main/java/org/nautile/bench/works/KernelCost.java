package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Shape;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.bench.works.KernelCall.Region;

/**
 * What a kernel has to do, from the shapes it is given.
 *
 * @param flops floating-point operations of products, a multiply-add being two; 0 for kernels whose time is that of memory
 * @param terms the work of the algorithm: the amounts that its time depends on
 * @param meetings how often the threads of a team wait for each other within it, where that is often
 */
record KernelCost(double flops, List<Term> terms, double meetings) {
    private static final int ROWS = 14; // of results that products keep in registers with AVX-512 (gemm.hpp)
    private static final int COLUMNS = 32;
    private static final int LANES = 16;
    private static final double FEW = 1 << 17; // elements: of more, those that are far apart are not in near caches
    private static final int SQUARE = 4; // results of minimal filtering along each axis

    /**
     * A part of the work.
     *
     * @param kind names the row of {@link Efficiency}
     * @param amounts operations, elements and the like
     */
    record Term(String kind, double... amounts) {}

    KernelCost(double flops, List<Term> terms) {
        this(flops, terms, 0);
    }

    /**
     * The cost of a call.
     *
     * @param call the kernel and its arguments
     * @param algorithm how a convolution is computed, as {@link org.nautile.Plan.Part} says; empty where nobody says
     */
    static KernelCost of(KernelCall call, String algorithm) {
        boolean forward = call.direction().equals("forward");
        if (call.regions().stream().anyMatch(region -> region.shape().size() == 0)) { // at most zeros are written
            return new KernelCost(0, List.of(new Term("elements", elements(call))));
        }
        return switch (call.op()) {
            case "linear" -> linear(call, forward);
            case "matmul" -> matmul(call);
            case "conv2d" -> convolution(call, forward, algorithm);
            case "rnn" -> recurrent(call, forward, 1);
            case "gru" -> recurrent(call, forward, 3);
            case "lstm" -> recurrent(call, forward, 4);
            case "attention" -> attention(call, forward);
            default -> new KernelCost(0, List.of(elementwise(call, forward)));
        };
    }

    // ------------------------------------------------------------------------------------------------ products

    /** y [m,n] = a [m,k] b [k,n], {@code count} times. */
    private static Term product(double m, double n, double k, double count) {
        double[] tiles = tiles(m, n);
        return new Term("product", 2 * count * k * ROWS * tiles[1], count * (m * n + m * k + k * n), count);
    }

    /** Of a matrix the elements with all columns of its tiles, and those of one row of each tile, which costs time of its own. */
    private static double[] tiles(double m, double n) {
        boolean turned = n * up(m, LANES) < m * up(n, LANES);
        double rows = turned ? n : m;
        double columns = up(turned ? m : n, LANES);
        return new double[] {rows * columns, Math.ceil(rows / ROWS) * columns};
    }

    private static double up(double x, double multiple) {
        return Math.ceil(x / multiple) * multiple;
    }

    private static double up(long extent, double multiple) {
        return up((double) extent, multiple);
    }

    /** forward(x, weight, bias, y); backward(x, weight, dy, dx, dweight, dbias, accumulate). */
    private static KernelCost linear(KernelCall call, boolean forward) {
        double n = call.shape(1).dim(0);
        double k = call.shape(1).dim(1);
        double m = call.shape(0).size() / k;
        if (forward) {
            return new KernelCost(2 * m * n * k, List.of(product(m, n, k, 1)));
        }
        List<Term> terms = new ArrayList<>();
        int products = 0;
        if (call.has(3)) {
            terms.add(product(m, k, n, 1));
            products++;
        }
        if (call.has(4)) {
            terms.add(product(n, k, m, 1));
            products++;
        }
        if (call.has(5)) {
            terms.add(new Term("bias gradient", m * n));
        }
        return new KernelCost(products * 2 * m * n * k, terms);
    }

    /** forward(a, b, y, accumulate). */
    private static KernelCost matmul(KernelCall call) {
        Shape a = call.shape(0);
        Shape y = call.shape(2);
        double k = a.dim(-1);
        double n = y.dim(-1);
        double m = y.rank() < 2 ? 1 : y.dim(-2);
        double count = y.size() / Math.max(1, m * n);
        return new KernelCost(2 * count * m * n * k, List.of(product(m, n, k, count)));
    }

    /** forward(x, weight, bias, y, geometry, relu); backward(x, weight, y, dy, bias, dx, dweight, dbias, geometry, accumulate). */
    private static KernelCost convolution(KernelCall call, boolean forward, String algorithm) {
        Shape y = call.shape(3);
        if (!forward && !call.has(1) && !call.has(6)) {
            return new KernelCost(0, List.of(new Term("bias gradient", y.size())));
        }
        Shape weight = call.shape(forward || call.has(1) ? 1 : 6);
        Geometry geometry = (Geometry) call.arguments().get(forward ? 4 : 8);
        if (geometry == null) {
            throw new IllegalStateException("a convolution without geometry");
        }
        int groups = geometry.groups();
        double taps = weight.dim(2) * weight.dim(3);
        double in = weight.dim(1);
        double out = (double) weight.dim(0) / groups;
        double pixels = (double) y.dim(0) * y.dim(2) * y.dim(3);
        double flops = 2 * pixels * groups * out * in * taps;
        if (forward) {
            Gathered gathered = new Gathered(y, pixels, groups * out, groups * in, in * taps);
            return new KernelCost(flops, List.of(gathered.term(way(algorithm), flops)));
        }
        List<Term> terms = new ArrayList<>();
        String rest = algorithm;
        int products = 0;
        if (call.has(5)) {
            Shape x = call.shape(5);
            String first = way(rest);
            rest = rest.substring(Math.min(rest.length(), first.length() + 2));
            double sources = (double) x.dim(0) * x.dim(2) * x.dim(3);
            double depth = out * taps / geometry.strideH() / geometry.strideW();
            terms.add(new Gathered(x, sources, groups * in, groups * out, depth).term(first, flops));
            products++;
        }
        if (call.has(6)) {
            terms.add(weights(way(rest), y, pixels, groups, out, in, taps, flops));
            products++;
        }
        if (call.has(7)) {
            terms.add(new Term("bias gradient", pixels * groups * out));
        }
        return new KernelCost(products * flops, terms);
    }

    /** The first of the algorithms named. */
    private static String way(String algorithm) {
        for (String way : List.of("winograd", "direct, an image a lane", "direct in strips", "direct by channel")) {
            if (algorithm.startsWith(way)) {
                return way;
            }
        }
        return "direct in blocks";
    }

    /**
     * Pictures that are computed from others.
     *
     * @param result the shape of what is computed, [N, width, P, Q]
     * @param pixels of the result
     * @param width its channels
     * @param depth channels of the other pictures
     * @param terms products of each result
     */
    private record Gathered(Shape result, double pixels, double width, double depth, double terms) {
        Term term(String way, double flops) {
            return switch (way) {
                case "winograd" -> {
                    double tiles = result.dim(0) * up(result.dim(2), SQUARE) * up(result.dim(3), SQUARE);
                    yield new Term(
                            "winograd",
                            0.5 * tiles * up(width, LANES) * terms,
                            tiles * depth,
                            tiles * width,
                            width * depth);
                }
                case "direct, an image a lane" ->
                    new Term(
                            "images", flops * up(result.dim(0), LANES) / result.dim(0), pixels * width, pixels * terms);
                case "direct by channel" -> new Term("by channel", flops);
                case "direct in strips" ->
                    new Term("strips", 2 * pixels * up(width, LANES) * terms, pixels * terms, pixels * width);
                default -> new Term("blocks", 2 * pixels * up(width, COLUMNS) * terms, pixels * terms, pixels * width);
            };
        }
    }

    /** The gradient by the weights: a product over all pixels. */
    private static Term weights(
            String way, Shape y, double pixels, double groups, double out, double in, double taps, double flops) {
        return switch (way) {
            case "winograd" -> {
                double tiles = y.dim(0) * up(y.dim(2), SQUARE) * up(y.dim(3), SQUARE);
                yield new Term(
                        "winograd, weights",
                        0.5 * tiles * up(out, LANES) * in * taps,
                        tiles * in,
                        tiles * out,
                        out * in);
            }
            case "direct, an image a lane" ->
                new Term("images, weights", flops * up(y.dim(0), LANES) / y.dim(0), pixels * out, pixels * in);
            case "direct by channel" -> new Term("by channel, weights", flops);
            default -> {
                double[] tiles = tiles(out, in * taps);
                yield new Term(
                        way.equals("direct in strips") ? "strips, weights" : "blocks, weights",
                        2 * pixels * groups * tiles[0],
                        2 * pixels * groups * tiles[1],
                        pixels * groups * in * taps,
                        pixels * groups * out);
            }
        };
    }

    // ------------------------------------------------------------------------------------------------ sequences

    /** The first nine arguments are those of {@link org.nautile.backend.RecurrentInputs}. */
    private static KernelCost recurrent(KernelCall call, boolean forward, int gates) {
        Shape x = call.shape(0);
        double steps = x.dim(0);
        double batch = x.dim(1);
        double inputs = x.dim(2);
        double hidden = call.shape(2).dim(1);
        boolean byInputs = call.has(call.arguments().size() - 8); // RecurrentGradients has eight components, dx first
        double width = forward ? inputs + hidden : (byInputs ? 2 : 1) * inputs + 2 * hidden;
        double flops = 2 * steps * batch * gates * hidden * width;
        double[] tiles = tiles(batch, gates * hidden);
        double products = 2 * steps * width;
        return new KernelCost(
                flops,
                List.of(new Term(
                        call.op() + (forward ? "" : " backward"),
                        batch == 1 ? 0 : products * tiles[0],
                        batch == 1 ? flops : products * tiles[1],
                        steps,
                        steps * batch * gates * hidden)),
                steps); // recurrent.hpp: before a state is multiplied
    }

    /** forward(q, k, v, mask, y, norms, scale, causal); backward(q, k, v, mask, y, norms, dy, dq, dk, dv, scale, causal, ...). */
    private static KernelCost attention(KernelCall call, boolean forward) {
        Shape q = call.shape(0);
        double depth = q.dim(-1);
        double width = call.shape(2).dim(-1);
        double queries = q.dim(-2);
        double keys = call.shape(1).dim(-2);
        double heads = q.size() / Math.max(1, queries * depth);
        double pairs = heads * queries * keys;
        double flops = 2 * pairs * (forward ? depth + width : 3 * depth + 2 * width);
        boolean causal = Boolean.TRUE.equals(call.arguments().get(forward ? 7 : 11));
        double share = causal ? Math.min(1, 0.5 + LANES / keys) : 1; // tiles above the diagonal are left out
        return new KernelCost(
                flops,
                List.of(new Term(
                        forward ? "attention" : "attention backward",
                        share * flops * up(keys, LANES) / keys,
                        share * pairs,
                        heads,
                        heads * (queries + keys) * (depth + width))));
    }

    // ------------------------------------------------------------------------------------------------ elements

    /** The elements of the largest tensor. */
    private static double elements(KernelCall call) {
        return call.regions().stream()
                .mapToDouble(region -> region.shape().size())
                .max()
                .orElse(0);
    }

    private static Term elementwise(KernelCall call, boolean forward) {
        List<Region> regions = call.regions();
        double elements = elements(call);
        String way = forward || call.direction().equals("step") ? "" : " backward";
        return switch (call.op()) {
            case "activation", "unary", "pointwise_loss" -> new Term(call.function() + way, elements);
            case "binary" ->
                call.function().startsWith("power")
                        ? new Term("power", elements)
                        : new Term("binary", plain(regions, elements));
            case "compare", "where" -> new Term("binary", plain(regions, elements));
            case "softmax", "log_softmax", "layer_norm", "cross_entropy" -> {
                Shape x = call.shape(0);
                double columns = x.rank() == 0 ? 1 : Math.max(1, x.dim(-1));
                yield new Term(call.op() + way, x.size(), x.size() / columns);
            }
            case "max_pool2d", "avg_pool2d", "upsample" -> {
                double results = forward ? call.shape(1).size() : call.shape(0).size();
                double channels = regions.get(0).shape().dim(1);
                double windows = Math.min(elements, results) / channels;
                yield new Term(call.op() + way, windows, windows * up(channels, LANES));
            }
            case "dropout", "group_norm" -> new Term(call.op() + way, elements);
            case "batch_norm" -> {
                double channels = call.shape(0).dim(1);
                yield new Term(call.op() + way, elements / channels * up(channels, LANES));
            }
            case "reduce" -> { // [outer, n, inner] to [outer, inner]
                Shape x = call.shape(0);
                yield new Term(call.op() + way, x.size(), (double) x.dim(0) * up(x.dim(-1), LANES) / LANES);
            }
            case "embedding" ->
                forward
                        ? new Term(
                                "embedding", call.shape(2).size(), call.shape(1).size())
                        : new Term(
                                "embedding backward",
                                call.shape(1).size(),
                                call.shape(2).size());
            case "gather" ->
                forward
                        ? new Term("gather", call.shape(2).size())
                        : new Term(
                                "gather backward",
                                call.shape(1).size(),
                                call.shape(2).size());
            case "adam", "rmsprop", "adagrad", "clip_grad_norm", "argmax" -> new Term(call.op(), elements);
            default -> new Term("elements", plain(regions, elements));
        };
    }

    /** What passes over tensors cost: the elements, the rows that are not evenly spaced, and elements that are far from each other. */
    private static double[] plain(List<Region> regions, double elements) {
        boolean near =
                regions.stream().anyMatch(r -> r.innermost() == 1 && r.shape().size() > 1);
        boolean far =
                regions.stream().anyMatch(r -> r.innermost() > 1 && r.shape().size() > 1);
        if (near && far) {
            return new double[] {0, 0, elements < FEW ? elements : 0, elements < FEW ? 0 : elements};
        }
        boolean even = regions.stream()
                .allMatch(r -> r.shape().size() == 1 || (r.dense() && r.shape().size() == elements));
        double row = regions.stream()
                .filter(r -> r.shape().rank() > 0)
                .mapToDouble(r -> r.shape().dim(-1))
                .max()
                .orElse(1);
        return new double[] {elements, even ? 0 : elements / Math.max(1, row), 0, 0};
    }

    /** The least that the kernel reads and writes together: what an optimizer changes is both. */
    static double traffic(KernelCall call) {
        double bytes = bytes(call);
        if (call.direction().equals("step")) {
            for (Region region : call.regions()) {
                bytes += region.equals(call.region(1)) ? 0 : region.bytes(); // the gradient is only read
            }
        }
        return bytes;
    }

    /** The bytes of the memory that the kernel touches. */
    static double bytes(KernelCall call) {
        double bytes = 0;
        for (Region region : touchedRegions(call)) {
            bytes += touched(call, region);
        }
        return bytes;
    }

    /** The tensors that are read or written: some backward passes are given both x and y and want one. */
    static List<Region> touchedRegions(KernelCall call) {
        List<Region> regions = new ArrayList<>(call.regions());
        if (call.direction().equals("backward")) {
            if (call.op().equals("activation") || call.op().equals("unary")) {
                Region x = call.region(0);
                if (x != null && regions.size() == 4) {
                    regions.remove(x);
                }
            } else if (call.op().equals("reduce") && List.of("sum", "mean").contains(call.function())) {
                regions.remove(call.region(0));
                regions.remove(call.region(1));
            }
        }
        return regions;
    }

    /** What is read or written of a tensor: of a table in which places are looked up, not more than is looked up. */
    static double touched(KernelCall call, Region region) {
        boolean lookup = call.direction().equals("forward")
                && (call.op().equals("embedding") || call.op().equals("gather"))
                && region.equals(call.region(0));
        return lookup ? Math.min(region.bytes(), (double) call.shape(2).size() * region.width()) : region.bytes();
    }
}
