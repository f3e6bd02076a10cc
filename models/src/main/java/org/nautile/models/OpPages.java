package org.nautile.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.AvgPool2dOp;
import org.nautile.op.Conv2dOp;
import org.nautile.op.MaxPool2dOp;
import org.nautile.op.Op;
import org.nautile.op.PadOp;
import org.nautile.op.Squeeze2dOp;

/** The course's 8 x 8 example of convolution, padding and pooling: what goes in, what is looked at, what comes out. */
public final class OpPages {
    private static final int SIDE = 8;

    /** The course's image. */
    private static final float[] IMAGE = {
        0.2F, 1.0F, 0.3F, 0.8F, 0.1F, 0.8F, 0.6F, 0.9F, //
        0.7F, 0.3F, 0.3F, 0.5F, 0.4F, 0.3F, 0.3F, 0.4F, //
        0.2F, 0.6F, 0.7F, 0.9F, 0.9F, 0.1F, 0.3F, 0.5F, //
        0.8F, 0.7F, 0.1F, 0.3F, 0.3F, 0.6F, 0.9F, 0.5F, //
        0.7F, 0.1F, 0.1F, 0.2F, 0.8F, 0.4F, 0.9F, 0.7F, //
        0.9F, 0.1F, 0.8F, 0.9F, 0.6F, 0.3F, 0.1F, 0.9F, //
        0.8F, 0.7F, 0.2F, 0.7F, 0.0F, 0.6F, 0.9F, 0.5F, //
        0.9F, 0.5F, 0.1F, 0.2F, 0.0F, 0.1F, 0.1F, 0.4F
    };

    /** The derivative from left to right, smoothed (Prewitt): answers to vertical edges. */
    private static final float[] EDGE = {-1, 0, 1, -1, 0, 1, -1, 0, 1};

    private static final Map<String, Supplier<List<Panel>>> PAGES = new LinkedHashMap<>();

    static {
        PAGES.put("max_pool2d", () -> pooling("the largest of", new MaxPool2dOp(2)));
        PAGES.put("avg_pool2d", () -> pooling("the mean of", new AvgPool2dOp(2)));
        PAGES.put("squeeze2d", OpPages::squeezing);
        PAGES.put("conv2d", OpPages::convolutions);
        PAGES.put("pad", OpPages::padding);
    }

    private OpPages() {}

    /**
     * A matrix on a page.
     *
     * @param title what it is
     * @param note how it came about; may be empty
     * @param rows its numbers
     */
    public record Panel(String title, String note, float[][] rows) {}

    /**
     * The ops that have a page.
     *
     * @return their names, as in the list of ops
     */
    public static List<String> names() {
        return List.copyOf(PAGES.keySet());
    }

    /**
     * A page, computed on the default device.
     *
     * @param op one of {@link #names}
     * @return the matrices: first the input
     */
    public static List<Panel> page(String op) {
        Supplier<List<Panel>> page = PAGES.get(op);
        if (page == null) {
            throw new IllegalArgumentException("no page for " + op + "; there are " + String.join(", ", names()));
        }
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            return page.get();
        }
    }

    private static Tensor image() {
        return Tensor.of(Device.defaultDevice(), IMAGE, Shape.of(1, 1, SIDE, SIDE));
    }

    private static Panel input() {
        return panel("input", "1 channel of 8 x 8", image(), 0);
    }

    /** A channel of [1, C, H, W]. */
    private static Panel panel(String title, String note, Tensor x, int channel) {
        int height = (int) x.shape().dim(2);
        int width = (int) x.shape().dim(3);
        float[] all = x.toFloatArray();
        float[][] rows = new float[height][width];
        for (int r = 0; r < height; r++) {
            System.arraycopy(all, (channel * height + r) * width, rows[r], 0, width);
        }
        return new Panel(title, note, rows);
    }

    private static List<Panel> pooling(String what, Op op) {
        float[][] first = {{IMAGE[0], IMAGE[1]}, {IMAGE[SIDE], IMAGE[SIDE + 1]}};
        return List.of(
                input(),
                new Panel("window", "the first of 16, side by side", first),
                panel("output", what + " each window", Autograd.apply(op, image()), 0));
    }

    private static List<Panel> squeezing() {
        Tensor y = Autograd.apply(new Squeeze2dOp(2, false), image());
        List<Panel> panels = new ArrayList<>(List.of(input()));
        String[] places = {"upper left", "upper right", "lower left", "lower right"};
        for (int channel = 0; channel < places.length; channel++) {
            panels.add(panel("output, channel " + channel, places[channel] + " of each 2 x 2 window", y, channel));
        }
        Tensor back = Autograd.apply(new Squeeze2dOp(2, true), y);
        panels.add(panel("unsqueezed", "the input again: nothing is lost", back, 0));
        return panels;
    }

    private static List<Panel> convolutions() {
        float[] mean = new float[25];
        Arrays.fill(mean, 0.04F);
        Tensor small = Tensor.of(Device.defaultDevice(), EDGE, Shape.of(1, 1, 3, 3));
        Tensor large = Tensor.of(Device.defaultDevice(), mean, Shape.of(1, 1, 5, 5));
        List<Panel> panels = new ArrayList<>(List.of(
                input(),
                panel("kernel 3 x 3", "answers to vertical edges", small, 0),
                panel("kernel 5 x 5", "the mean", large, 0)));
        panels.add(convolution(small, 0, 1));
        panels.add(convolution(large, 0, 1));
        for (int stride = 1; stride <= 3; stride++) {
            panels.add(convolution(small, 1, stride));
        }
        return panels;
    }

    private static Panel convolution(Tensor kernel, int padding, int stride) {
        Tensor y =
                Autograd.apply(new Conv2dOp(new Geometry(stride, stride, padding, padding, 1, 1, 1)), image(), kernel);
        long size = kernel.shape().dim(2);
        String note = String.format(
                Locale.ROOT,
                "(8 + 2 x %d - %d) / %d + 1%s = %d rows",
                padding,
                size,
                stride,
                (SIDE + 2L * padding - size) % stride == 0 ? "" : ", rounded down,",
                y.shape().dim(2));
        return panel("kernel " + size + ", padding " + padding + ", stride " + stride, note, y, 0);
    }

    private static List<Panel> padding() {
        List<Panel> panels = new ArrayList<>(List.of(input()));
        Map<PadOp.Mode, String> modes = new LinkedHashMap<>();
        modes.put(PadOp.Mode.CONSTANT, "zeros");
        modes.put(PadOp.Mode.REFLECT, "reflect");
        modes.put(PadOp.Mode.REPLICATE, "replicate");
        modes.put(PadOp.Mode.CIRCULAR, "circular");
        modes.forEach((mode, name) -> {
            Tensor rows = Autograd.apply(new PadOp(mode, 2, 1, 1), image());
            Tensor both = Autograd.apply(new PadOp(mode, 3, 1, 1), rows);
            panels.add(panel("padding 1, " + name, "10 x 10", both, 0));
        });
        return panels;
    }
}
