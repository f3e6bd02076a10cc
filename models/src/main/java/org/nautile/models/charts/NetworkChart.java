package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A perceptron while it reads an example. Neurons are circles, the darker the larger: of the first and the last layer
 * from 0 to 1, of the others up to the layer's largest. Weights are lines, red where positive and blue where
 * negative; how opaque a line is says how large the weight times the neuron before it is, beside the largest of its
 * layer. What a neuron that is zero passes on cannot be seen.
 */
public final class NetworkChart implements Picture {
    static final Color POSITIVE = new Color(0xD0, 0x1C, 0x1F);
    static final Color NEGATIVE = new Color(0x1B, 0x55, 0xC4);

    private static final int HEADER = 64;
    private static final int FOOTER = 74;
    private static final int EDGE = 24;
    private static final int OUTPUT = 110; // beside the outputs, for their names
    private static final double LARGEST = 26; // the diameter of a neuron
    private static final double SHARE = 0.78; // of the room that a neuron has
    private static final double SMALLEST = 2; // of the circles
    private static final double STRIP = 6; // how wide neurons are that are too small for circles
    private static final double FAINT = 0.22; // how opaque lines are that are not what the picture is about

    private final String title;
    private final String subtitle;
    private final double[][][] weights;
    private final double[][] neurons;
    private final List<String> outputs;
    private int width = 800;
    private int height = 450;
    private int image; // the pixels along each edge of the image that is read; 0 for none
    private int only = -1; // the output whose weights are shown; -1 for all

    /** A weight. */
    private record Line(Point2D from, Point2D to, double strength, boolean aside) {}

    /**
     * A chart.
     *
     * @param title what is shown
     * @param subtitle how to read it; may be empty
     * @param weights of each layer, [layer][output][input]
     * @param neurons the input, and the outputs of each layer
     * @param outputs the names of the last layer's outputs
     */
    public NetworkChart(String title, String subtitle, double[][][] weights, double[][] neurons, List<String> outputs) {
        if (weights.length == 0 || neurons.length != weights.length + 1) {
            throw new IllegalArgumentException(
                    weights.length + " layers of weights between " + neurons.length + " of neurons");
        }
        for (int i = 0; i < weights.length; i++) {
            int before = neurons[i].length;
            if (weights[i].length != neurons[i + 1].length
                    || Arrays.stream(weights[i]).anyMatch(row -> row.length != before)) {
                throw new IllegalArgumentException("weights of layer " + (i + 1) + " are not " + neurons[i + 1].length
                        + " x " + neurons[i].length);
            }
        }
        if (outputs.size() != neurons[weights.length].length) {
            throw new IllegalArgumentException(
                    outputs.size() + " names of " + neurons[weights.length].length + " outputs");
        }
        this.title = title;
        this.subtitle = subtitle;
        this.weights = weights;
        this.neurons = neurons;
        this.outputs = List.copyOf(outputs);
    }

    /**
     * Gives the chart another size than 800 by 450 points.
     *
     * @param newWidth points
     * @param newHeight points
     * @return this
     */
    public NetworkChart size(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
        return this;
    }

    /**
     * Shows what is read also as an image.
     *
     * @param side its pixels along each edge; there are as many inputs as pixels
     * @return this
     */
    public NetworkChart image(int side) {
        if (side < 1 || side * side != neurons[0].length) {
            throw new IllegalArgumentException(neurons[0].length + " inputs are not " + side + " x " + side);
        }
        image = side;
        return this;
    }

    /**
     * Shows of the last layer only the weights of one output, and the layers before faintly.
     *
     * @param output its number, from 0
     * @return this
     */
    public NetworkChart only(int output) {
        if (output < 0 || output >= outputs.size()) {
            throw new IllegalArgumentException("output " + output + " of " + outputs.size());
        }
        only = output;
        return this;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    private double body() {
        return height - HEADER - FOOTER;
    }

    private double imageSide() {
        return image == 0 ? 0 : Math.min(0.17 * width, body());
    }

    /** The room that a neuron of a layer has, from the middle of one to that of the next. */
    private double pitch(int layer) {
        return Math.min(1.7 * LARGEST, body() / neurons[layer].length);
    }

    private double diameter(int layer) {
        return Math.min(LARGEST, SHARE * pitch(layer));
    }

    /** The middle of a neuron. */
    Point2D place(int layer, int neuron) {
        double left = EDGE + LARGEST / 2 + (image == 0 ? 0 : imageSide() + 1.2 * EDGE);
        double right = width - EDGE - OUTPUT;
        double x = left + (right - left) * layer / weights.length;
        double y = HEADER + body() / 2 + pitch(layer) * (neuron - (neurons[layer].length - 1) / 2.0);
        return new Point2D.Double(x, y);
    }

    @Override
    public void paint(Graphics2D graphics) {
        Style.heading(graphics, title, subtitle, width / 2.0, 26);
        if (image > 0) {
            paintImage(graphics);
        }
        for (int i = 0; i < weights.length; i++) {
            paintLines(graphics, i);
        }
        for (int i = 0; i < neurons.length; i++) {
            paintNeurons(graphics, i);
        }
        paintOutputs(graphics);
        paintLegend(graphics);
    }

    private void paintImage(Graphics2D graphics) {
        double pixel = imageSide() / image;
        double top = HEADER + (body() - imageSide()) / 2;
        for (int i = 0; i < neurons[0].length; i++) {
            graphics.setColor(shade(neurons[0][i]));
            int row = i / image;
            graphics.fill(new Rectangle2D.Double(
                    EDGE + i % image * pixel, top + row * pixel, pixel + 0.3, pixel + 0.3)); // without seams
        }
        graphics.setColor(Style.FAINT_INK);
        graphics.setStroke(new BasicStroke(0.8F));
        graphics.draw(new Rectangle2D.Double(EDGE, top, imageSide(), imageSide()));
    }

    /** White at 0, ink at 1. */
    private static Color shade(double share) {
        return Style.mix(255, Style.INK, Math.max(0, Math.min(1, share)));
    }

    private void paintLines(Graphics2D graphics, int layer) {
        boolean last = layer == weights.length - 1;
        List<Line> lines = new ArrayList<>();
        double largest = 0;
        for (int k = 0; k < neurons[layer + 1].length; k++) {
            for (int j = 0; j < neurons[layer].length; j++) {
                double strength = weights[layer][k][j] * Math.abs(neurons[layer][j]); // the sign is the weight's
                largest = Math.max(largest, Math.abs(strength));
                lines.add(new Line(place(layer, j), place(layer + 1, k), strength, last && only >= 0 && k != only));
            }
        }
        double thickness = Math.max(0.25, Math.min(2.4, 16 / Math.sqrt(lines.size())));
        graphics.setStroke(new BasicStroke((float) thickness));
        lines.sort(Comparator.comparingDouble(line -> Math.abs(line.strength))); // the strongest on top
        for (Line line : lines) {
            double opacity = largest == 0 ? 0 : Math.abs(line.strength) / largest;
            int alpha = (int) Math.round(255 * opacity * (only >= 0 && !last ? FAINT : 1));
            if (!line.aside && alpha > 0) {
                graphics.setColor(Style.over(line.strength > 0 ? POSITIVE : NEGATIVE, alpha));
                graphics.draw(new Line2D.Double(line.from, line.to));
            }
        }
    }

    private void paintNeurons(Graphics2D graphics, int layer) {
        double diameter = diameter(layer);
        boolean share = layer == 0 || layer == weights.length;
        double largest = Arrays.stream(neurons[layer]).map(Math::abs).max().orElse(0);
        double scale = share ? Math.max(1, largest) : largest;
        for (int k = 0; k < neurons[layer].length; k++) {
            Point2D middle = place(layer, k);
            graphics.setColor(shade(scale == 0 ? 0 : Math.abs(neurons[layer][k]) / scale));
            if (diameter < SMALLEST) { // too small for a circle
                graphics.fill(around(middle, STRIP, pitch(layer)));
                continue;
            }
            Ellipse2D circle = new Ellipse2D.Double();
            circle.setFrame(around(middle, diameter, diameter));
            graphics.fill(circle);
            graphics.setColor(layer == weights.length && k == only ? POSITIVE : Style.FAINT_INK);
            graphics.setStroke(new BasicStroke((float) Math.max(0.4, Math.min(1.2, diameter / 12))));
            graphics.draw(circle);
        }
        graphics.setColor(Style.FAINT_INK);
        double x = place(layer, 0).getX();
        if (diameter < SMALLEST) {
            graphics.setStroke(new BasicStroke(0.8F));
            graphics.draw(
                    around(new Point2D.Double(x, HEADER + body() / 2), STRIP, pitch(layer) * neurons[layer].length));
        }
        caption(graphics, layer, x, HEADER + body() + 22);
    }

    private static Rectangle2D around(Point2D middle, double width, double height) {
        return new Rectangle2D.Double(middle.getX() - width / 2, middle.getY() - height / 2, width, height);
    }

    /** What the slides call a layer's neurons, and how many there are. */
    private void caption(Graphics2D graphics, int layer, double x, double y) {
        graphics.setFont(Style.TEXT.deriveFont(Font.ITALIC, 15F));
        Style.centred(graphics, "x", x - 4, y);
        graphics.setFont(Style.SMALL);
        Style.centred(graphics, Integer.toString(layer), x + 5, y + 4);
        Style.centred(graphics, neurons[layer].length + (layer == 0 ? " inputs" : " neurons"), x, y + 18);
    }

    private void paintOutputs(Graphics2D graphics) {
        double[] values = neurons[weights.length];
        for (int k = 0; k < values.length; k++) {
            Point2D middle = place(weights.length, k);
            boolean aside = only >= 0 && k != only;
            graphics.setColor(aside ? Style.FAINT_INK : Style.INK);
            graphics.setFont(aside ? Style.TEXT : Style.TEXT.deriveFont(Font.BOLD));
            String text = String.format(Locale.ROOT, "%s: %.3f", outputs.get(k), values[k]);
            graphics.drawString(
                    text, (float) (middle.getX() + diameter(weights.length) / 2 + 8), (float) (middle.getY() + 4));
        }
    }

    private void paintLegend(Graphics2D graphics) {
        graphics.setFont(Style.SMALL);
        double y = height - 11;
        double x = EDGE;
        x = legend(graphics, x, y, POSITIVE, "positive weight");
        x = legend(graphics, x, y, NEGATIVE, "negative weight");
        graphics.setColor(Style.FAINT_INK);
        graphics.drawString("as opaque as |weight x neuron before|; dark neurons are large", (float) x, (float) y);
    }

    /** A line and what it means; where the next may stand. */
    private static double legend(Graphics2D graphics, double x, double y, Color color, String text) {
        graphics.setColor(color);
        graphics.setStroke(new BasicStroke(2.2F));
        graphics.draw(new Line2D.Double(x, y - 3.5, x + 18, y - 3.5));
        graphics.setColor(Style.FAINT_INK);
        graphics.drawString(text, (float) (x + 23), (float) y);
        return x + 23 + Style.width(graphics, text) + 16;
    }
}
