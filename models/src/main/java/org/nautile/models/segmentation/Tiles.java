package org.nautile.models.segmentation;

/**
 * Runs a network over an image of any size: as a whole if it is small, or else in tiles that overlap. Each pixel's result comes from a
 * tile that has at least {@code overlap} pixels more on every side where the image goes on, so with an overlap of the network's reach
 * there are no seams: the results are those of the whole.
 *
 * @param side height and width of a tile, a multiple of {@code multiple} above twice the overlap
 * @param overlap pixels, a multiple of {@code multiple}
 * @param multiple what the network needs heights and widths to be multiples of; images are reflected at their lower and right edges
 *     up to that
 */
public record Tiles(int side, int overlap, int multiple) {
    /** What runs on a tile. */
    @FunctionalInterface
    public interface Network {
        /**
         * The results for a tile.
         *
         * @param pixels [height * width]
         * @param height a multiple
         * @param width a multiple
         * @return [channels * height * width]
         */
        float[] apply(float[] pixels, int height, int width);
    }

    /**
     * Checks the sizes.
     *
     * @param side of a tile
     * @param overlap of neighbours
     * @param multiple of sizes
     */
    public Tiles {
        if (multiple < 1 || side % multiple != 0 || overlap % multiple != 0 || overlap < 0 || side <= 2 * overlap) {
            throw new IllegalArgumentException("a tile of " + side + " pixels with an overlap of " + overlap
                    + ": both must be multiples of " + multiple + ", and the tile above twice the overlap");
        }
    }

    /**
     * Runs a network.
     *
     * @param pixels [height * width]
     * @param height pixels
     * @param width pixels
     * @param channels of the results
     * @param network gives so many channels
     * @return [channels * height * width]
     */
    public float[] apply(float[] pixels, int height, int width, int channels, Network network) {
        int[] rows = starts(padded(height));
        int[] cols = starts(padded(width));
        int tileHeight = Math.min(side, padded(height));
        int tileWidth = Math.min(side, padded(width));
        float[] results = new float[channels * height * width];
        float[] tile = new float[tileHeight * tileWidth];
        for (int r = 0; r < rows.length; r++) {
            for (int c = 0; c < cols.length; c++) {
                for (int i = 0; i < tile.length; i++) {
                    int row = reflected(rows[r] + i / tileWidth, height);
                    int col = reflected(cols[c] + i % tileWidth, width);
                    tile[i] = pixels[row * width + col];
                }
                float[] result = network.apply(tile, tileHeight, tileWidth);
                int top = cut(rows, r, tileHeight, height);
                int bottom = cut(rows, r + 1, tileHeight, height);
                int left = cut(cols, c, tileWidth, width);
                int right = cut(cols, c + 1, tileWidth, width);
                for (int channel = 0; channel < channels; channel++) {
                    for (int row = top; row < bottom; row++) {
                        int from = (channel * tileHeight + row - rows[r]) * tileWidth + left - cols[c];
                        System.arraycopy(result, from, results, (channel * height + row) * width + left, right - left);
                    }
                }
            }
        }
        return results;
    }

    private int padded(int size) {
        return (size + multiple - 1) / multiple * multiple;
    }

    private int[] starts(int size) {
        int step = side - 2 * overlap;
        int count = size <= side ? 1 : (size - 2 * overlap + step - 1) / step;
        int[] starts = new int[count];
        for (int i = 0; i < count; i++) {
            starts[i] = Math.max(0, Math.min(i * step, size - side));
        }
        return starts;
    }

    /** Where the part of a tile begins that is kept: in the middle of what it shares with the one before. */
    private static int cut(int[] starts, int tile, int tileSize, int size) {
        if (tile == 0) {
            return 0;
        }
        return tile == starts.length ? size : (starts[tile - 1] + tileSize + starts[tile]) / 2;
    }

    /** Beyond an edge the image goes on as in a mirror on its outermost pixels. */
    static int reflected(int at, int size) {
        if (size == 1) {
            return 0;
        }
        int period = 2 * (size - 1);
        int place = Math.floorMod(at, period);
        return place < size ? place : period - place;
    }
}
