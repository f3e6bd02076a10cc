package org.nautile.models.series;

import org.nautile.Shape;
import org.nautile.data.Dataset;

/**
 * Pieces of a series, scaled: the numbers of a window and, behind them, those to forecast. An example is [window +
 * horizon].
 */
public final class Windows implements Dataset {
    private final Series series;
    private final Scaling scaling;
    private final int first;
    private final int size;

    private Windows(Series series, Scaling scaling, int first, int size) {
        this.series = series;
        this.scaling = scaling;
        this.first = first;
        this.size = size;
    }

    /**
     * The pieces that lie in the part to learn from.
     *
     * @param series long enough
     * @param scaling of its numbers
     * @param most the largest number of pieces; the first are kept
     * @return one or more
     */
    public static Windows train(Series series, Scaling scaling, int most) {
        int all = series.trainSize() - series.window() - series.horizon() + 1;
        return new Windows(series, scaling, 0, Math.min(all, most));
    }

    /**
     * The pieces whose numbers to forecast are held out; their windows may reach back into the part to learn from.
     *
     * @param series long enough
     * @param scaling of its numbers
     * @return one for each origin, in their order
     */
    public static Windows test(Series series, Scaling scaling) {
        return new Windows(series, scaling, series.trainSize() - series.window(), series.origins());
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(series.window() + series.horizon());
    }

    @Override
    public int classes() {
        return 1;
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        for (int i = 0; i < series.window() + series.horizon(); i++) {
            into[offset + i] = scaling.scale(series.values()[first + index + i]);
        }
    }

    /** There are no classes: always 0. */
    @Override
    public void target(int index, long[] into, int offset) {
        into[offset] = 0;
    }
}
