package org.nautile.models.mouse;

/** A step to a neighbouring cell. */
public enum Move {
    /** To the row above. */
    UP(-1, 0),
    /** To the row below. */
    DOWN(1, 0),
    /** To the column before. */
    LEFT(0, -1),
    /** To the column after. */
    RIGHT(0, 1);

    final int rows;
    final int columns;

    Move(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }
}
