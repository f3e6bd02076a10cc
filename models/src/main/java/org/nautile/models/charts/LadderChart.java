package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Speeds as bars beside each other on a logarithmic axis, with lines for what the machine allows. */
public final class LadderChart implements Picture {
    private static final int WIDTH = 860;
    private static final int LEFT = 190;
    private static final int RIGHT = 110;
    private static final int TOP = 96;
    private static final int BOTTOM = 52;
    private static final int STEP = 34;
    private static final int THICK = 22;

    private final String title;
    private final String where;
    private final List<Entry> bars = new ArrayList<>();
    private final List<Entry> roofs = new ArrayList<>();

    private record Entry(String name, double gflops, boolean special) {}

    /**
     * A chart without bars.
     *
     * @param title what is shown
     * @param where what it was measured on
     */
    public LadderChart(String title, String where) {
        this.title = title;
        this.where = where;
    }

    /**
     * Adds a bar below the others.
     *
     * @param name its label
     * @param gflops GFLOP/s; NaN for one that was not measured
     * @param special whether it has the other colour
     * @return this
     */
    public LadderChart bar(String name, double gflops, boolean special) {
        bars.add(new Entry(name, gflops > 0 && Double.isFinite(gflops) ? gflops : Double.NaN, special));
        return this;
    }

    /**
     * Adds a line that says how long a bar could be at most.
     *
     * @param name its label
     * @param gflops GFLOP/s, {@code > 0}
     * @return this
     */
    public LadderChart roof(String name, double gflops) {
        roofs.add(new Entry(name, RooflineChart.positive(name, gflops), false));
        return this;
    }

    @Override
    public int width() {
        return WIDTH;
    }

    @Override
    public int height() {
        return TOP + STEP * bars.size() + BOTTOM;
    }

    @Override
    public void paint(Graphics2D graphics) {
        double[] all = Stream.concat(bars.stream(), roofs.stream())
                .mapToDouble(Entry::gflops)
                .filter(Double::isFinite)
                .toArray();
        double low = Math.floor(Math.log10(Arrays.stream(all).min().orElse(1)) - 0.1);
        double high = Math.log10(Arrays.stream(all).max().orElse(10)) + 0.05;
        double scale = (WIDTH - LEFT - RIGHT) / Math.max(0.5, high - low);
        double bottom = TOP + STEP * bars.size();
        Style.heading(graphics, title, where, WIDTH / 2.0, 28);
        for (int decade = (int) low; decade <= high; decade++) {
            double x = LEFT + (decade - low) * scale;
            graphics.setColor(Style.LINES);
            graphics.draw(new Line2D.Double(x, TOP, x, bottom));
            graphics.setColor(Style.FAINT_INK);
            Style.centred(graphics, number(Math.pow(10, decade)), x, bottom + 18);
        }
        Style.centred(graphics, "GFLOP/s, logarithmic", (LEFT + WIDTH - RIGHT) / 2.0, bottom + 38);
        for (int i = 0; i < bars.size(); i++) {
            Entry bar = bars.get(i);
            double y = TOP + STEP * i + (STEP - THICK) / 2.0;
            graphics.setColor(Style.INK);
            Style.right(graphics, bar.name(), LEFT - 10, y + THICK / 2.0);
            if (Double.isNaN(bar.gflops())) {
                graphics.setColor(Style.FAINT_INK);
                graphics.drawString("not timed", LEFT + 6, (float) (y + THICK / 2.0 + 4));
                continue;
            }
            double length = (Math.log10(bar.gflops()) - low) * scale;
            graphics.setColor(Style.SERIES[bar.special() ? 1 : 0]);
            graphics.fill(new Rectangle2D.Double(LEFT, y, length, THICK));
        }
        for (int i = 0; i < roofs.size(); i++) {
            roof(graphics, roofs.get(i), LEFT + (Math.log10(roofs.get(i).gflops()) - low) * scale, bottom, i);
        }
        for (int i = 0; i < bars.size(); i++) { // last: no line through a number
            Entry bar = bars.get(i);
            if (!Double.isNaN(bar.gflops())) {
                double end = LEFT + (Math.log10(bar.gflops()) - low) * scale;
                String text = number(bar.gflops());
                double y = TOP + STEP * i + STEP / 2.0;
                double wide = Style.width(graphics, text);
                boolean inside = end - LEFT > wide + 16;
                graphics.setColor(inside ? Style.inkOn(Style.SERIES[bar.special() ? 1 : 0]) : Style.INK);
                Style.right(graphics, text, inside ? end - 8 : end + wide + 8, y);
            }
        }
    }

    private static void roof(Graphics2D graphics, Entry roof, double x, double bottom, int place) {
        graphics.setColor(Style.SERIES[3]);
        graphics.setStroke(
                new BasicStroke(1.8F, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {6, 4}, 0));
        graphics.draw(new Line2D.Double(x, TOP - 4, x, bottom));
        graphics.setStroke(new BasicStroke(1));
        String text = roof.name() + ", " + number(roof.gflops()) + " GFLOP/s";
        double wide = Style.width(graphics, text);
        graphics.drawString(text, (float) Math.min(x - wide / 2, WIDTH - wide - 8), TOP - 10 - 15 * place);
    }

    private static String number(double value) {
        String format = value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f";
        String text = String.format(Locale.ROOT, format, value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
