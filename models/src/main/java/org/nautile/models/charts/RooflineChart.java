package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a machine allows and what was reached, on logarithmic axes (Williams, Waterman and Patterson 2009): a roof of arithmetic,
 * a slope for each level of the memory, and a point per work, at its operations per byte, in the colour of its level.
 */
public final class RooflineChart implements Picture {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 560;
    private static final int LEFT = 74;
    private static final int RIGHT = 24;
    private static final int TOP = 52;
    private static final int BOTTOM = 58;
    private static final int RADIUS = 4;

    private final String title;
    private final double peak;
    private final List<Level> levels = new ArrayList<>();
    private final List<Point> points = new ArrayList<>();

    private record Level(String name, double bandwidth) {}

    private record Point(String name, double intensity, double gflops, int level) {}

    /**
     * A chart without points.
     *
     * @param title what is shown
     * @param peak the roof of arithmetic, GFLOP/s, {@code > 0}
     */
    public RooflineChart(String title, double peak) {
        this.title = title;
        this.peak = positive("the peak", peak);
    }

    static double positive(String what, double value) {
        if (!(value > 0) || !Double.isFinite(value)) {
            throw new IllegalArgumentException(what + " is " + value + ", a positive number is needed");
        }
        return value;
    }

    /**
     * Adds a level of the memory.
     *
     * @param name for example {@code "L2"}
     * @param bandwidth GB/s, {@code > 0}
     * @return this
     */
    public RooflineChart level(String name, double bandwidth) {
        levels.add(new Level(name, positive(name, bandwidth)));
        return this;
    }

    /**
     * Adds a work.
     *
     * @param name its label
     * @param intensity operations per byte, {@code > 0}
     * @param gflops what was reached, GFLOP/s, {@code > 0}
     * @param level the level its data comes from: the place among those added, from 0
     * @return this
     */
    public RooflineChart point(String name, double intensity, double gflops, int level) {
        points.add(new Point(
                name, positive(name, intensity), positive(name, gflops), Objects.checkIndex(level, levels.size())));
        return this;
    }

    @Override
    public int width() {
        return WIDTH;
    }

    @Override
    public int height() {
        return HEIGHT;
    }

    @Override
    public void paint(Graphics2D graphics) {
        new Drawing(graphics).paint();
    }

    private static Color color(int level) {
        return Style.SERIES[level % Style.SERIES.length];
    }

    /** One painting: the scales, and the places that are taken by text. */
    private final class Drawing {
        private final Graphics2D graphics;
        private final double lowX;
        private final double highX;
        private final double lowY;
        private final double highY;
        private final List<Rectangle2D> taken = new ArrayList<>();
        private final List<Rectangle2D> names = new ArrayList<>(); // of what is taken, the texts
        private final List<Line2D> lines = new ArrayList<>();

        Drawing(Graphics2D graphics) {
            this.graphics = graphics;
            double leastX = points.stream().mapToDouble(Point::intensity).min().orElse(1);
            double mostX = points.stream().mapToDouble(Point::intensity).max().orElse(1);
            double leastY = points.stream().mapToDouble(Point::gflops).min().orElse(peak / 100);
            // the slope of the slowest level meets the roof inside the picture
            double ridge = levels.stream()
                    .mapToDouble(level -> peak / level.bandwidth())
                    .max()
                    .orElse(1);
            lowX = Math.log10(Math.min(leastX, ridge)) - 0.3;
            highX = Math.log10(Math.max(mostX, ridge)) + 0.4;
            double mostY = points.stream().mapToDouble(Point::gflops).max().orElse(peak);
            lowY = Math.log10(Math.min(leastY, peak)) - 0.25;
            highY = Math.log10(Math.max(mostY, peak)) + 0.25;
        }

        private double x(double intensity) {
            return LEFT + (Math.log10(intensity) - lowX) / (highX - lowX) * (WIDTH - LEFT - RIGHT);
        }

        private double y(double gflops) {
            return HEIGHT - BOTTOM - (Math.log10(gflops) - lowY) / (highY - lowY) * (HEIGHT - TOP - BOTTOM);
        }

        void paint() {
            Style.heading(graphics, title, WIDTH / 2.0, 28);
            axes();
            Shape all = graphics.getClip();
            graphics.clipRect(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
            roofs();
            // all points first: a label must not hide one
            for (Point point : points) {
                taken.add(new Rectangle2D.Double(
                        x(point.intensity()) - RADIUS, y(point.gflops()) - RADIUS, 2 * RADIUS, 2 * RADIUS));
            }
            for (Point point : points) {
                dot(point);
            }
            graphics.setClip(all);
            graphics.setFont(Style.SMALL);
            points.forEach(this::label);
        }

        private void axes() {
            graphics.setFont(Style.TEXT);
            double bottom = HEIGHT - BOTTOM;
            for (int decade = (int) Math.floor(lowX); decade <= highX; decade++) {
                for (int digit = 1; digit < 10; digit++) {
                    double at = Math.pow(10, decade) * digit;
                    if (Math.log10(at) >= lowX && Math.log10(at) <= highX) {
                        tick(new Line2D.Double(x(at), TOP, x(at), bottom), digit);
                        if (digit == 1) {
                            graphics.setColor(Style.FAINT_INK);
                            Style.centred(graphics, number(at), x(at), bottom + 18);
                        }
                    }
                }
            }
            for (int decade = (int) Math.floor(lowY); decade <= highY; decade++) {
                for (int digit = 1; digit < 10; digit++) {
                    double at = Math.pow(10, decade) * digit;
                    if (Math.log10(at) >= lowY && Math.log10(at) <= highY) {
                        tick(new Line2D.Double(LEFT, y(at), WIDTH - RIGHT, y(at)), digit);
                        if (digit == 1) {
                            graphics.setColor(Style.FAINT_INK);
                            Style.right(graphics, number(at), LEFT - 8, y(at));
                        }
                    }
                }
            }
            graphics.setColor(Style.INK);
            Style.centred(graphics, "arithmetic intensity, FLOP/byte", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16);
            AffineTransform upright = graphics.getTransform();
            graphics.rotate(-Math.PI / 2, 22, (TOP + bottom) / 2);
            Style.centred(graphics, "GFLOP/s", 22, (TOP + bottom) / 2);
            graphics.setTransform(upright);
        }

        /** A line of the grid: full at powers of ten, a hint between them. */
        private void tick(Line2D line, int digit) {
            graphics.setColor(digit == 1 ? Style.LINES : new Color(0xF4, 0xF6, 0xF8));
            graphics.setStroke(new BasicStroke(1));
            graphics.draw(line);
        }

        private void roofs() {
            double end = Math.pow(10, highX);
            double start = Math.pow(10, lowX);
            double first = levels.stream().mapToDouble(Level::bandwidth).max().orElse(peak / start);
            line(Style.INK, new Line2D.Double(x(Math.max(start, peak / first)), y(peak), x(end), y(peak)));
            graphics.setFont(Style.TEXT);
            String text = digits(peak) + " GFLOP/s";
            write(text, WIDTH - RIGHT - area(text, 0, 0).getWidth() - 4, y(peak) - 6);
            double before = Double.NaN; // the line above, at the left edge, and where its name ends
            double nameEnd = 0;
            for (int i = 0; i < levels.size(); i++) {
                Level level = levels.get(i);
                double at = y(start * level.bandwidth());
                double from = Math.abs(at - before) < 30 ? nameEnd : 0;
                nameEnd = slope(level, color(i), start, from);
                before = at;
            }
        }

        private void line(Color color, Line2D line) {
            graphics.setColor(color);
            graphics.setStroke(new BasicStroke(1.8F, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            graphics.draw(line);
            lines.add(line);
        }

        /** Draws the slope of a level, its name along it behind x; returns where the name ends. */
        private double slope(Level level, Color color, double start, double x) {
            double ridge = peak / level.bandwidth();
            double from = Math.max(start, Math.pow(10, lowY) / level.bandwidth());
            if (from >= ridge) {
                return x;
            }
            Line2D line = new Line2D.Double(x(from), y(from * level.bandwidth()), x(ridge), y(peak));
            line(color, line);
            double angle = Math.atan2(line.getY2() - line.getY1(), line.getX2() - line.getX1());
            String text = level.name() + ", " + digits(level.bandwidth()) + " GB/s";
            double reach = area(text, 0, 0).getWidth() * Math.cos(angle);
            double place = Math.max(x, line.getX1() + 12);
            if (place + reach > line.getX2()) {
                place = line.getX1() + 12; // no room behind the other's name
            }
            AffineTransform before = graphics.getTransform();
            graphics.translate(place, line.getY1() + (place - line.getX1()) * Math.tan(angle));
            graphics.rotate(angle);
            graphics.drawString(text, 0, -5);
            graphics.setTransform(before);
            // the name is a strip above the line
            lines.add(new Line2D.Double(
                    place - 6, line.getY1() + (place - line.getX1()) * Math.tan(angle) - 10,
                    place + reach - 6, line.getY1() + (place + reach - line.getX1()) * Math.tan(angle) - 10));
            return place + reach + 12;
        }

        private void dot(Point point) {
            Ellipse2D circle = new Ellipse2D.Double(
                    x(point.intensity()) - RADIUS, y(point.gflops()) - RADIUS, 2 * RADIUS, 2 * RADIUS);
            graphics.setColor(color(point.level()));
            graphics.fill(circle);
            graphics.setColor(Style.BACKGROUND);
            graphics.setStroke(new BasicStroke(1));
            graphics.draw(circle);
        }

        /** Puts the name where it hides nothing, near or at the end of a thread; a name without room is left out. */
        private void label(Point point) {
            double x = x(point.intensity());
            double y = y(point.gflops());
            double w = area(point.name(), 0, 0).getWidth();
            double h = area(point.name(), 0, 0).getHeight();
            for (int distance : new int[] {RADIUS + 3, 18, 30, 44, 60, 80}) {
                for (int eighth = 0; eighth < 8; eighth++) {
                    double across = Math.cos(eighth * Math.PI / 4);
                    double down = Math.sin(eighth * Math.PI / 4);
                    double middleX = x + distance * across;
                    double middleY = y + distance * down;
                    // the text's side, or corner, that looks at the point
                    double left = middleX + (across > 0.1 ? 0 : across < -0.1 ? -w : -w / 2);
                    double base = middleY + (down > 0.1 ? h : down < -0.1 ? 0 : h / 2) - 1;
                    Line2D thread = new Line2D.Double(x, y, middleX, middleY);
                    boolean threaded = distance > 20;
                    if (free(area(point.name(), left, base))
                            && !(threaded && names.stream().anyMatch(thread::intersects))) {
                        if (threaded) {
                            graphics.setColor(Style.FAINT_INK);
                            graphics.setStroke(new BasicStroke(0.6F));
                            graphics.draw(thread);
                            lines.add(thread);
                        }
                        graphics.setColor(color(point.level()).darker());
                        write(point.name(), left, base);
                        return;
                    }
                }
            }
        }

        private boolean free(Rectangle2D area) {
            return area.getMinX() > LEFT
                    && area.getMaxX() < WIDTH - RIGHT
                    && area.getMinY() > TOP
                    && area.getMaxY() < HEIGHT - BOTTOM
                    && taken.stream().noneMatch(area::intersects)
                    && lines.stream().noneMatch(line -> line.intersects(area));
        }

        private Rectangle2D area(String text, double x, double y) {
            int ascent = graphics.getFontMetrics().getAscent();
            return new Rectangle2D.Double(x, y - ascent + 2, Style.width(graphics, text), ascent);
        }

        private void write(String text, double x, double y) {
            graphics.drawString(text, (float) x, (float) y);
            taken.add(area(text, x, y));
            names.add(area(text, x, y));
        }
    }

    private static String number(double power) {
        return power >= 1 ? String.format(Locale.ROOT, "%.0f", power) : Double.toString(power);
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }
}
