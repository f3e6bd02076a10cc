package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;

/**
 * A part of the plane, coloured by the probability of the second of two classes, with the border and points of both.
 */
public final class RegionChart implements Picture {
    private static final int SIDE = 166;
    private static final int GAP = 8;
    private static final int TEXT = 42;
    private static final double POINT = 3.6;
    private static final double PALE = 0.55; // how strong the strongest colour is, so that points stand out

    private final String title;
    private final String caption;
    private final double half;
    private final double[] probabilities;
    private final float[] places;
    private final int[] labels;

    /**
     * A chart.
     *
     * @param title what is shown, under the plane
     * @param caption the second line under it, in small print; may be empty
     * @param half what is shown of both axes, from minus this to this
     * @param probabilities of the second class in squares, as many along both axes, row by row from the top
     * @param places x and y of each point; those beyond the edge are not drawn
     * @param labels 0 or 1 for each point
     */
    public RegionChart(
            String title, String caption, double half, double[] probabilities, float[] places, int... labels) {
        int side = (int) Math.round(Math.sqrt(probabilities.length));
        if (side * side != probabilities.length || side == 0 || places.length != 2 * labels.length) {
            throw new IllegalArgumentException(probabilities.length + " squares, " + places.length + " coordinates of "
                    + labels.length + " points");
        }
        this.title = title;
        this.caption = caption;
        this.half = half;
        this.probabilities = probabilities.clone();
        this.places = places.clone();
        this.labels = labels.clone();
    }

    /**
     * The middles of the squares that such a chart colours.
     *
     * @param half what is shown of both axes
     * @param side squares along an axis
     * @return x and y of each, in the order of the probabilities
     */
    public static float[] middles(double half, int side) {
        float[] middles = new float[2 * side * side];
        for (int i = 0; i < side * side; i++) {
            middles[2 * i] = (float) (half * ((2 * (i % side) + 1.0) / side - 1));
            middles[2 * i + 1] = (float) (half * (1 - (2 * (i / side) + 1.0) / side));
        }
        return middles;
    }

    @Override
    public int width() {
        return SIDE + 2 * GAP;
    }

    @Override
    public int height() {
        return GAP + SIDE + TEXT;
    }

    @Override
    public void paint(Graphics2D graphics) {
        int side = (int) Math.round(Math.sqrt(probabilities.length));
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < probabilities.length; i++) {
            image.setRGB(
                    i % side,
                    i / side,
                    Style.ramp(PALE * (2 * probabilities[i] - 1)).getRGB());
        }
        AffineTransform place = AffineTransform.getTranslateInstance(GAP, GAP);
        place.scale((double) SIDE / side, (double) SIDE / side);
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, place, null);
        border(graphics, side);
        Shape clip = graphics.getClip();
        graphics.clip(new Rectangle2D.Double(GAP, GAP, SIDE, SIDE));
        for (int i = 0; i < labels.length; i++) {
            point(graphics, i);
        }
        graphics.setClip(clip);
        graphics.setFont(Style.TEXT);
        graphics.setColor(Style.INK);
        Style.centred(graphics, title, width() / 2.0, GAP + SIDE + 15);
        graphics.setFont(Style.SMALL);
        graphics.setColor(Style.FAINT_INK);
        Style.centred(graphics, caption, width() / 2.0, GAP + SIDE + 29);
    }

    /** Draws lines between neighbours of which only one has a probability above 1/2. */
    private void border(Graphics2D graphics, int side) {
        double square = (double) SIDE / side;
        graphics.setColor(Style.INK);
        graphics.setStroke(new BasicStroke(1));
        for (int i = 0; i < probabilities.length; i++) {
            int column = i % side;
            int row = i / side;
            double x = GAP + column * square;
            double y = GAP + row * square;
            boolean here = probabilities[i] > 0.5;
            if (column > 0 && here != (probabilities[i - 1] > 0.5)) {
                graphics.draw(new Line2D.Double(x, y, x, y + square));
            }
            if (row > 0 && here != (probabilities[i - side] > 0.5)) {
                graphics.draw(new Line2D.Double(x, y, x + square, y));
            }
        }
    }

    private void point(Graphics2D graphics, int index) {
        double x = GAP + SIDE * (places[2 * index] / half + 1) / 2;
        double y = GAP + SIDE * (1 - places[2 * index + 1] / half) / 2;
        Color end = labels[index] == 0 ? Style.ORANGE : Style.BLUE;
        graphics.setColor(Style.BACKGROUND);
        double edge = POINT + 1;
        graphics.fill(new Ellipse2D.Double(x - edge / 2, y - edge / 2, edge, edge));
        graphics.setColor(end);
        graphics.fill(new Ellipse2D.Double(x - POINT / 2, y - POINT / 2, POINT, POINT));
    }
}
