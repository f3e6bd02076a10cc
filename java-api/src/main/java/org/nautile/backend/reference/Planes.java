package org.nautile.backend.reference;

import org.nautile.Tensor;

/** The planes [H, W] of pictures [N, C, H, W] and of what is computed from windows of them, [N, C, P, Q]. */
final class Planes {
    private final int count;
    private final int height;
    private final int width;
    private final int rows;
    private final int cols;

    Planes(Tensor pictures, Tensor results) {
        count = (int) (pictures.shape().dim(0) * pictures.shape().dim(1));
        height = (int) pictures.shape().dim(2);
        width = (int) pictures.shape().dim(3);
        rows = (int) results.shape().dim(2);
        cols = (int) results.shape().dim(3);
    }

    /** What is done for each result. */
    interface Body {
        /** The plane, the result's row and column, and its place in an array of all results. */
        void run(int plane, int row, int col, int place);
    }

    void forEachWindow(Body body) {
        int place = 0;
        for (int plane = 0; plane < count; plane++) {
            for (int row = 0; row < rows; row++) {
                for (int col = 0; col < cols; col++) {
                    body.run(plane, row, col, place++);
                }
            }
        }
    }

    /** The place of a pixel in an array of all pictures; -1 if it is outside. */
    int at(int plane, int row, int col) {
        boolean inside = row >= 0 && row < height && col >= 0 && col < width;
        return inside ? (plane * height + row) * width + col : -1;
    }
}
