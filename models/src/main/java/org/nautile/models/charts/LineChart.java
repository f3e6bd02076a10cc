package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Lines over a common axis: for example the losses of training and test over the epochs. */
public final class LineChart implements Picture {
    private static final int HEADER = 30;
    private static final int TICKS = 12;
    private static final int TICK_SPACING = 44; // points between ticks on the vertical axis, at least
    private static final int BELOW_PLOT = 40; // points for labels and title of the horizontal axis, at least
    private static final float[] DASHES = {5, 4};
    private static final double MANY_POWERS = 1e9; // on a logarithmic axis; lines would become a surface
    private static final int MANY = 40; // points; from here on they are not marked one by one

    private final String title;
    private final String xTitle;
    private final String yTitle;
    private final Map<String, double[][]> series = new LinkedHashMap<>();
    private double from = Double.POSITIVE_INFINITY; // of the vertical axis, at the highest
    private double to = Double.NEGATIVE_INFINITY;
    private boolean percent;
    private boolean logarithmic;
    private LegendPosition legend = LegendPosition.InsideNE;
    private boolean legendVisible = true;
    private boolean logarithmicX;
    private int width = 560;
    private int height = 380;

    /**
     * A chart without lines.
     *
     * @param title what is shown
     * @param xTitle the quantity on the horizontal axis, with its unit
     * @param yTitle the quantity on the vertical axis, with its unit
     */
    public LineChart(String title, String xTitle, String yTitle) {
        this.title = title;
        this.xTitle = xTitle;
        this.yTitle = yTitle;
    }

    /**
     * Adds a line.
     *
     * @param name its name in the legend, which is drawn for two lines or more
     * @param x at least one number
     * @param y as many numbers as x; what is not a number, or beyond 1e30, leaves a gap
     * @return this
     */
    public LineChart add(String name, double[] x, double[] y) {
        if (x.length != y.length || x.length == 0) {
            throw new IllegalArgumentException(name + ": " + x.length + " x and " + y.length + " y");
        }
        double[] finite = Arrays.stream(y)
                .map(value -> Math.abs(value) <= 1e30 ? value : Double.NaN)
                .toArray();
        series.put(name, new double[][] {x.clone(), finite});
        return this;
    }

    /**
     * Shows the vertical axis in percent.
     *
     * @return this
     */
    public LineChart percent() {
        percent = true;
        return this;
    }

    /**
     * Lets the vertical axis show this stretch also where no line is, so that charts can be compared.
     *
     * @param least a value to be shown
     * @param most another, larger
     * @return this
     */
    public LineChart range(double least, double most) {
        from = least;
        to = most;
        return this;
    }

    /**
     * Gives the vertical axis a logarithmic scale where all values are positive.
     *
     * @return this
     */
    public LineChart logarithmic() {
        logarithmic = true;
        return this;
    }

    /**
     * Gives the horizontal axis a logarithmic scale.
     *
     * @return this
     */
    public LineChart logarithmicX() {
        logarithmicX = true;
        return this;
    }

    /**
     * Puts the legend to the right of the plot, for lines that leave no corner free.
     *
     * @return this
     */
    public LineChart legendOutside() {
        legend = LegendPosition.OutsideE;
        return this;
    }

    /**
     * Leaves the legend out, for charts beside others whose common title says what the colours mean.
     *
     * @return this
     */
    public LineChart withoutLegend() {
        legendVisible = false;
        return this;
    }

    /**
     * Gives the chart another size than 560 by 380 points.
     *
     * @param newWidth points, {@code >= 200}
     * @param newHeight points, {@code >= 160}
     * @return this
     */
    public LineChart size(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
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

    @Override
    public void paint(Graphics2D graphics) {
        Style.heading(graphics, title, width / 2.0, 26); // not XChart's title, whose place depends on its letters
        graphics.translate(0, HEADER);
        chart().paint(graphics, width, height - HEADER);
    }

    private XYChart chart() {
        XYChart chart = new XYChart(width, height - HEADER);
        chart.setXAxisTitle(xTitle);
        chart.setYAxisTitle(yTitle);
        XYStyler styler = chart.getStyler();
        dress(styler);
        styler.setLegendVisible(legendVisible && series.size() > 1);
        styler.setLegendPosition(legend);
        int drawn = 0;
        for (Map.Entry<String, double[][]> line : series.entrySet()) {
            double[] x = line.getValue()[0];
            XYSeries added = chart.addSeries(line.getKey(), x, line.getValue()[1]);
            boolean again = drawn >= Style.SERIES.length; // the colours are used up: dashes tell the lines apart
            Color color = Style.SERIES[drawn++ % Style.SERIES.length];
            Marker marker = x.length < MANY ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE;
            added.setMarker(marker);
            added.setMarkerColor(color);
            added.setLineColor(color);
            added.setLineStyle(
                    new BasicStroke(1.8F, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1, again ? DASHES : null, 0));
        }
        boolean points = series.values().stream().allMatch(line -> line[0].length == 1);
        styler.setMarkerSize(points ? 9 : 5); // no line leads the eye to a single point
        horizontal(styler);
        vertical(styler);
        return chart;
    }

    private static void dress(XYStyler styler) {
        styler.setChartBackgroundColor(Style.BACKGROUND);
        styler.setChartFontColor(Style.INK);
        styler.setChartPadding(14);
        styler.setChartTitleVisible(false);
        styler.setPlotBackgroundColor(Style.BACKGROUND);
        styler.setPlotBorderVisible(false);
        styler.setPlotContentSize(0.97);
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setPlotGridLinesColor(Style.LINES);
        styler.setPlotGridLinesStroke(new BasicStroke(1));
        styler.setAxisTitleFont(Style.TEXT);
        styler.setAxisTitlePadding(8);
        styler.setAxisTickLabelsFont(Style.TEXT);
        styler.setAxisTickLabelsColor(Style.FAINT_INK);
        styler.setAxisTickMarksColor(Style.LINES);
        styler.setLegendLayout(LegendLayout.Vertical);
        styler.setLegendFont(Style.TEXT);
        styler.setLegendBorderColor(Style.BACKGROUND);
        styler.setYAxisTickMarkSpacingHint(TICK_SPACING);
        styler.setYAxisLabelAlignment(AxesChartStyler.TextAlignment.Right);
        styler.setLocale(Locale.ROOT);
    }

    /** A few whole numbers (epochs) get a tick each, and none between them. */
    private void horizontal(XYStyler styler) {
        double[] all = series.values().stream()
                .flatMapToDouble(line -> Arrays.stream(line[0]))
                .toArray();
        double least = Arrays.stream(all).min().orElse(0);
        double most = Arrays.stream(all).max().orElse(1);
        if (logarithmicX) {
            styler.setXAxisLogarithmic(true);
            styler.setXAxisTickLabelsFormattingFunction(LineChart::twoDigits);
            return;
        }
        if (most - least >= TICKS || Arrays.stream(all).anyMatch(x -> x != Math.rint(x))) {
            // XChart puts its ticks on evenly spaced data, be they 1, 28, 55, ...; an uneven end brings round numbers
            styler.setXAxisMax(most + 1e-6 * Math.max(most - least, Math.abs(most)));
            return;
        }
        // One epoch: a point in the middle. Uneven, as above; the spacing is large, but leaves room for a tick,
        // beside a legend, too.
        boolean single = least == most;
        double room = (width - 120) * (legend == LegendPosition.OutsideE && series.size() > 1 ? 0.55 : 1);
        styler.setXAxisMin(single ? least - 0.5 : least);
        styler.setXAxisMax(single ? most + 0.51 : most);
        styler.setXAxisTickMarkSpacingHint((int) (room / (single ? 1.1 : most - least)));
        styler.setXAxisTickLabelsFormattingFunction(x -> String.format(Locale.ROOT, "%.0f", x));
    }

    private void vertical(XYStyler styler) {
        double least = from;
        double most = to;
        for (double[][] line : series.values()) {
            for (double y : line[1]) {
                if (!Double.isNaN(y)) {
                    least = Math.min(least, y);
                    most = Math.max(most, y);
                }
            }
        }
        if (least > most) {
            least = 0; // nothing to draw: an empty chart
            most = 1;
        }
        double size = Math.max(Math.abs(least), Math.abs(most));
        // XChart looks for ticks for ever where doubles have no room for them
        boolean flat = most - least <= 1e-6 * size;
        if (logarithmic && least > 0) {
            double factor = flat ? 2 : 1.05;
            styler.setYAxisMin(least / factor);
            styler.setYAxisMax(most * factor);
            styler.setYAxisLogarithmic(true);
            styler.setPlotGridHorizontalLinesVisible(most < MANY_POWERS * least); // or nine for each power of ten
            styler.setYAxisTickLabelsFormattingFunction(LineChart::twoDigits);
            return;
        }
        double room = flat ? Math.max(0.05 * size, 1e-3) : 0.04 * (most - least);
        double above = 1.01 * room; // uneven, or XChart has ticks at the data only
        boolean share = percent && least >= 0 && most <= 1;
        least = share ? Math.max(0, least - room) : least - room;
        most = share ? Math.min(1, most + above) : most + above;
        styler.setYAxisMin(least);
        styler.setYAxisMax(most);
        double unit = percent ? 100 : 1;
        String format = format(unit * size, unit * (most - least)) + (percent ? " %%" : "");
        styler.setYAxisTickLabelsFormattingFunction(value -> String.format(Locale.ROOT, format, unit * value));
    }

    /** Shows as many digits as the ticks need, and few enough in all, or XChart shows none. */
    private String format(double size, double span) {
        if (size < 1e6 && span > 1e-4) {
            // XChart's step is this or a little more, rounded to 1, 2 or 5 times a power of ten
            double step = span * TICK_SPACING / (height - HEADER - BELOW_PLOT);
            int exponent = (int) Math.floor(Math.log10(step));
            boolean up = step > 7.5 * Math.pow(10, exponent);
            return "%." + Math.max(0, -(up ? exponent + 1 : exponent)) + "f";
        }
        return "%." + (int) Math.max(1, 2 + Math.floor(Math.log10(size / span))) + "e";
    }

    private static String twoDigits(double value) {
        BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(2)).stripTrailingZeros();
        return value < 1e-4 || value >= 1e6 ? rounded.toString() : rounded.toPlainString();
    }
}
