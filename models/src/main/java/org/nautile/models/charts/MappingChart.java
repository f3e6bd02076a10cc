package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A function from one line to another, each with a density: the upper line's stands on it, the lower line's hangs from
 * it, and between them points are joined with theirs, or stretches with theirs. Both lines have one scale.
 */
public final class MappingChart implements Picture {
    private static final int WIDTH = 620;
    private static final int EDGE = 34;
    private static final int HEADER = 62;
    private static final int CURVE = 110; // the height of the highest density, points
    private static final int GAP = 150; // between the lines
    private static final int TICK = 4;

    private final String title;
    private final String subtitle;
    private final Curve upper;
    private final Curve lower;
    private final List<double[]> joined = new ArrayList<>(); // lower from and to, upper from and to
    private final double least;
    private final double most;

    /**
     * A density over a line.
     *
     * @param name what it is of
     * @param x places, rising, at least two
     * @param y the density at each, {@code >= 0}
     */
    public record Curve(String name, double[] x, double[] y) {
        double density(double place) {
            int found = Arrays.binarySearch(x, place);
            if (found >= 0) {
                return y[found];
            }
            int after = -found - 1;
            if (after == 0 || after == x.length) {
                return 0;
            }
            double share = (place - x[after - 1]) / (x[after] - x[after - 1]);
            return (1 - share) * y[after - 1] + share * y[after];
        }
    }

    /**
     * A chart in which nothing is joined.
     *
     * @param title what is shown
     * @param subtitle how to read it; may be empty
     * @param upper where the function leads
     * @param lower where it comes from
     */
    public MappingChart(String title, String subtitle, Curve upper, Curve lower) {
        for (Curve curve : List.of(upper, lower)) {
            if (curve.x.length != curve.y.length || curve.x.length < 2) {
                throw new IllegalArgumentException(
                        curve.name + ": " + curve.x.length + " places, " + curve.y.length + " densities");
            }
        }
        this.title = title;
        this.subtitle = subtitle;
        this.upper = upper;
        this.lower = lower;
        least = Math.min(upper.x[0], lower.x[0]);
        most = Math.max(upper.x[upper.x.length - 1], lower.x[lower.x.length - 1]);
    }

    /**
     * Joins a point with the one it is mapped to.
     *
     * @param from on the lower line
     * @param to on the upper line
     * @return this
     */
    public MappingChart point(double from, double to) {
        return stretch(from, from, to, to);
    }

    /**
     * Joins a stretch with the one it is mapped to.
     *
     * @param from its beginning on the lower line
     * @param end its end there
     * @param to the beginning on the upper line
     * @param toEnd the end there
     * @return this
     */
    public MappingChart stretch(double from, double end, double to, double toEnd) {
        joined.add(new double[] {from, end, to, toEnd});
        return this;
    }

    @Override
    public int width() {
        return WIDTH;
    }

    @Override
    public int height() {
        return lowerLine() + CURVE + EDGE;
    }

    private static int upperLine() {
        return HEADER + CURVE;
    }

    private static int lowerLine() {
        return upperLine() + GAP;
    }

    private double place(double x) {
        double inside = Math.max(least, Math.min(most, x));
        return EDGE + (inside - least) / (most - least) * (WIDTH - 2 * EDGE);
    }

    @Override
    public void paint(Graphics2D graphics) {
        Style.heading(graphics, title, subtitle, WIDTH / 2.0, 26);
        for (int i = 0; i < joined.size(); i++) {
            join(graphics, joined.get(i), Style.SERIES[i % Style.SERIES.length]);
        }
        line(graphics, upper, upperLine(), -1);
        line(graphics, lower, lowerLine(), 1);
    }

    private void join(Graphics2D graphics, double[] ends, Color color) {
        if (ends[0] == ends[1]) {
            graphics.setColor(color);
            graphics.setStroke(new BasicStroke(1.2F));
            double from = place(ends[0]);
            double to = place(ends[2]);
            graphics.draw(new Line2D.Double(from, lowerLine(), from, lowerLine() + density(lower, ends[0])));
            graphics.draw(new Line2D.Double(to, upperLine(), to, upperLine() - density(upper, ends[2])));
            graphics.draw(new Line2D.Double(from, lowerLine(), to, upperLine()));
            return;
        }
        graphics.setColor(Style.over(color, 70));
        Path2D between = new Path2D.Double();
        between.moveTo(place(ends[0]), lowerLine());
        between.lineTo(place(ends[1]), lowerLine());
        between.lineTo(place(ends[3]), upperLine());
        between.lineTo(place(ends[2]), upperLine());
        between.closePath();
        graphics.fill(between);
        graphics.setColor(Style.over(color, 150));
        graphics.fill(area(lower, ends[0], ends[1], lowerLine(), 1));
        graphics.fill(area(upper, ends[2], ends[3], upperLine(), -1));
    }

    /** The height of a density in points: each curve has a scale of its own. */
    private static double density(Curve curve, double x) {
        double highest = Arrays.stream(curve.y).max().orElse(0);
        return highest == 0 ? 0 : CURVE * curve.density(x) / highest;
    }

    /** What is between a line and its density. */
    private Path2D area(Curve curve, double from, double to, int line, int direction) {
        Path2D area = new Path2D.Double();
        area.moveTo(place(from), line);
        int parts = 120;
        for (int i = 0; i <= parts; i++) {
            double x = from + (to - from) * i / parts;
            area.lineTo(place(x), line + direction * density(curve, x));
        }
        area.lineTo(place(to), line);
        area.closePath();
        return area;
    }

    private void line(Graphics2D graphics, Curve curve, int line, int direction) {
        graphics.setColor(Style.INK);
        graphics.setStroke(new BasicStroke(1.6F));
        Path2D outline = new Path2D.Double();
        for (int i = 0; i < curve.x.length; i++) {
            double y = line + direction * density(curve, curve.x[i]);
            if (i == 0) {
                outline.moveTo(place(curve.x[i]), y);
            } else {
                outline.lineTo(place(curve.x[i]), y);
            }
        }
        graphics.draw(outline);
        graphics.setStroke(new BasicStroke(1));
        graphics.setColor(Style.FAINT_INK);
        graphics.draw(new Line2D.Double(EDGE, line, WIDTH - EDGE, line));
        graphics.setFont(Style.SMALL);
        for (int tick = (int) Math.ceil(least); tick <= most; tick++) {
            double x = place(tick);
            graphics.draw(new Line2D.Double(x, line - TICK / 2.0, x, line + TICK / 2.0));
            Style.centred(graphics, String.format(Locale.ROOT, "%d", tick), x, direction < 0 ? line + 14 : line - 7);
        }
        graphics.setFont(Style.TEXT);
        graphics.setColor(Style.INK);
        graphics.drawString(curve.name, EDGE, direction < 0 ? HEADER + 14 : line + CURVE + 14);
    }
}
