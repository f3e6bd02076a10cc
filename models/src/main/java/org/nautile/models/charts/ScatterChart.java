package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.GlyphVector;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Points in the plane, coloured by class, with the name of each class where most of its points are. */
public final class ScatterChart implements Picture {
    private static final int SIDE = 340;
    private static final int EDGE = 20;
    private static final int HEADER = 62;
    private static final double POINT = 5;

    /** For up to ten classes: those of series, and more. */
    private static final Color[] CLASSES = Stream.concat(
                    Arrays.stream(Style.SERIES),
                    Stream.of(new Color(0xC6, 0x28, 0x28), new Color(0x6D, 0xB3, 0x3F), new Color(0x6A, 0x4C, 0xB8)))
            .toArray(Color[]::new);

    private final String title;
    private final String subtitle;
    private final double[][] points;
    private final int[] labels;
    private final List<String> names;
    private double within = Double.NaN;

    /**
     * A chart.
     *
     * @param title what is shown
     * @param subtitle what the axes are; may be empty
     * @param points x and y of each point, finite; at least one
     * @param labels the class of each point
     * @param names the names of the classes
     */
    public ScatterChart(String title, String subtitle, double[][] points, int[] labels, List<String> names) {
        if (points.length != labels.length || points.length == 0) {
            throw new IllegalArgumentException(points.length + " points and " + labels.length + " labels");
        }
        for (double[] point : points) {
            if (!(Double.isFinite(point[0]) && Double.isFinite(point[1]))) {
                throw new IllegalArgumentException("a point at " + Arrays.toString(point));
            }
        }
        this.title = title;
        this.subtitle = subtitle;
        this.points = points;
        this.labels = labels;
        this.names = List.copyOf(names);
    }

    /**
     * Shows a part of the plane around the origin, so that charts can be compared, and leaves out points beyond it.
     *
     * @param half what is shown, from minus this to this on both axes
     * @return this
     */
    public ScatterChart within(double half) {
        within = half;
        return this;
    }

    @Override
    public int width() {
        return SIDE + 2 * EDGE;
    }

    @Override
    public int height() {
        return HEADER + SIDE + EDGE;
    }

    @Override
    public void paint(Graphics2D graphics) {
        Style.heading(graphics, title, subtitle, width() / 2.0, 26);
        graphics.setColor(Style.LINES);
        graphics.draw(new Rectangle2D.Double(EDGE, HEADER, SIDE, SIDE));

        double[][] places = places();
        for (int i = 0; i < places.length; i++) {
            if (Math.abs(points[i][0]) > within || Math.abs(points[i][1]) > within) {
                continue;
            }
            graphics.setColor(Style.over(color(labels[i]), 170));
            graphics.fill(new Ellipse2D.Double(places[i][0] - POINT / 2, places[i][1] - POINT / 2, POINT, POINT));
        }
        for (int c = 0; c < names.size(); c++) {
            name(graphics, c, places);
        }
    }

    private static Color color(int label) {
        return CLASSES[label % CLASSES.length];
    }

    /** Points of the picture: both axes to the same scale, y upwards. */
    private double[][] places() {
        double[] least = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
        double[] most = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (double[] point : points) {
            for (int axis = 0; axis < 2; axis++) {
                least[axis] = Math.min(least[axis], point[axis]);
                most[axis] = Math.max(most[axis], point[axis]);
            }
        }
        double span = Math.max(Math.max(most[0] - least[0], most[1] - least[1]), Double.MIN_NORMAL);
        double scale = 0.92 * SIDE / span;
        if (!Double.isNaN(within)) {
            least = new double[] {-within, -within};
            most = new double[] {within, within};
            scale = SIDE / (2 * within);
        }
        double[][] places = new double[points.length][];
        for (int i = 0; i < places.length; i++) {
            double x = points[i][0] - (least[0] + most[0]) / 2;
            double y = points[i][1] - (least[1] + most[1]) / 2;
            places[i] = new double[] {EDGE + SIDE / 2.0 + scale * x, HEADER + SIDE / 2.0 - scale * y};
        }
        return places;
    }

    /** Writes a class's name at the median of its points, with a white edge. */
    private void name(Graphics2D graphics, int label, double[]... places) {
        List<double[]> own = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            if (labels[i] == label) {
                own.add(places[i]);
            }
        }
        if (own.isEmpty()) {
            return;
        }
        double[] middle = new double[2];
        for (int axis = 0; axis < 2; axis++) {
            int of = axis;
            middle[axis] = own.stream().mapToDouble(place -> place[of]).sorted().toArray()[own.size() / 2];
        }
        Font font = Style.TITLE;
        GlyphVector glyphs = font.createGlyphVector(graphics.getFontRenderContext(), names.get(label));
        Rectangle2D box = glyphs.getVisualBounds();
        AffineTransform place =
                AffineTransform.getTranslateInstance(middle[0] - box.getCenterX(), middle[1] - box.getCenterY());
        graphics.setColor(Style.BACKGROUND);
        graphics.setStroke(new BasicStroke(4, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(place.createTransformedShape(glyphs.getOutline()));
        graphics.setColor(color(label).darker());
        graphics.fill(place.createTransformedShape(glyphs.getOutline()));
    }
}
