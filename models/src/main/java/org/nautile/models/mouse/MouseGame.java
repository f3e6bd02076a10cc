package org.nautile.models.mouse;

import java.util.Arrays;
import org.nautile.Generator;

/**
 * The Mouse Game: on a board of {@value #SIZE} x {@value #SIZE} cells a mouse looks for cheese and avoids poison, for
 * {@value #HORIZON} steps. Of the cells that a game begins with, {@value #CHEESE_SHARE} hold cheese and {@value
 * #POISON_SHARE} poison on average, each drawn by itself; what is eaten does not come back. A step against the wall
 * leaves the mouse where it is.
 *
 * <p>The mouse sees the {@value #VIEW} x {@value #VIEW} cells around it, and smells where in sight it was a short while
 * ago. Without that scent a mouse that always decides alike would go to and fro where it sees nothing to eat.
 */
public final class MouseGame {
    /** Rows and columns of the board. */
    public static final int SIZE = 13;

    /** How many cells far the mouse sees in each direction. */
    public static final int SIGHT = 2;

    /** Rows and columns that it sees. */
    public static final int VIEW = 2 * SIGHT + 1;

    /** The steps of a game. */
    public static final int HORIZON = 200;

    /** The mean share of cells with cheese when a game begins. */
    public static final double CHEESE_SHARE = 0.3;

    /** The mean share of cells with poison. */
    public static final double POISON_SHARE = 0.2;

    /** The reward for a step onto cheese. */
    public static final double CHEESE_REWARD = 0.5;

    /** The reward for a step onto poison. */
    public static final double POISON_REWARD = -1;

    /** The planes of an observation: cheese, poison, wall, and the mouse's own scent. */
    public static final int PLANES = 4;

    /** The numbers of an observation. */
    public static final int OBSERVATION = PLANES * VIEW * VIEW;

    private static final int SCENT = 3; // its plane
    private static final int SCENT_STEPS = 40; // until it is gone
    private static final int NEVER = -SCENT_STEPS;

    /** What a cell holds. */
    public enum Cell {
        /** Nothing. */
        EMPTY,
        /** Food. */
        CHEESE,
        /** What harms. */
        POISON,
        /** No cell of the board: what is around it. */
        WALL
    }

    private final Cell[] board = new Cell[SIZE * SIZE];
    private final int[] visited = new int[SIZE * SIZE]; // the step in which the mouse was last there
    private int row;
    private int column;
    private int steps;
    private double total;

    /**
     * A game.
     *
     * @param seed draws the board and the mouse's place
     */
    public MouseGame(long seed) {
        reset(seed);
    }

    /**
     * Begins a new game.
     *
     * @param seed draws the board and the mouse's place, which is empty
     */
    public void reset(long seed) {
        Generator random = new Generator(seed, 0);
        for (int i = 0; i < board.length; i++) {
            double drawn = random.nextDouble();
            board[i] =
                    drawn < CHEESE_SHARE ? Cell.CHEESE : drawn < CHEESE_SHARE + POISON_SHARE ? Cell.POISON : Cell.EMPTY;
        }
        row = random.nextInt(SIZE);
        column = random.nextInt(SIZE);
        steps = 0;
        total = 0;
        Arrays.fill(visited, NEVER);
        board[row * SIZE + column] = Cell.EMPTY;
        visited[row * SIZE + column] = 0;
    }

    /**
     * Moves the mouse, which eats what it finds.
     *
     * @param move where to
     * @return the reward
     * @throws IllegalStateException if the game is over
     */
    public double step(Move move) {
        if (done()) {
            throw new IllegalStateException("the game is over after " + HORIZON + " steps");
        }
        steps++;
        if (cell(row + move.rows, column + move.columns) != Cell.WALL) {
            row += move.rows;
            column += move.columns;
        }
        int place = row * SIZE + column;
        Cell found = board[place];
        board[place] = Cell.EMPTY;
        visited[place] = steps;
        double reward = found == Cell.CHEESE ? CHEESE_REWARD : found == Cell.POISON ? POISON_REWARD : 0;
        total += reward;
        return reward;
    }

    /**
     * Whether the game is over.
     *
     * @return true after {@value #HORIZON} steps
     */
    public boolean done() {
        return steps == HORIZON;
    }

    /**
     * What the mouse perceives, plane by plane and row by row: 1 where there is cheese, poison, wall, and 0 elsewhere;
     * in the last plane 1 where it is, falling in a line to 0 where it was {@value #SCENT_STEPS} steps ago or never.
     *
     * @param into receives {@value #OBSERVATION} numbers
     * @param offset where in the array
     */
    public void observe(float[] into, int offset) {
        Arrays.fill(into, offset, offset + OBSERVATION, 0);
        for (int i = 0; i < VIEW * VIEW; i++) {
            int r = row + i / VIEW - SIGHT;
            int c = column + i % VIEW - SIGHT;
            Cell cell = cell(r, c);
            if (cell != Cell.EMPTY) {
                into[offset + (cell.ordinal() - 1) * VIEW * VIEW + i] = 1;
            }
            if (cell != Cell.WALL) {
                int age = steps - visited[r * SIZE + c];
                into[offset + SCENT * VIEW * VIEW + i] = Math.max(0, 1 - (float) age / SCENT_STEPS);
            }
        }
    }

    /**
     * What a cell holds.
     *
     * @param r its row, from 0 at the top
     * @param c its column, from 0 at the left
     * @return a wall for what is not on the board
     */
    public Cell cell(int r, int c) {
        return r < 0 || r >= SIZE || c < 0 || c >= SIZE ? Cell.WALL : board[r * SIZE + c];
    }

    /**
     * The mouse's row.
     *
     * @return from 0 at the top
     */
    public int row() {
        return row;
    }

    /**
     * The mouse's column.
     *
     * @return from 0 at the left
     */
    public int column() {
        return column;
    }

    /**
     * The steps that were taken.
     *
     * @return from 0 to {@value #HORIZON}
     */
    public int steps() {
        return steps;
    }

    /**
     * The rewards so far.
     *
     * @return their sum, not discounted
     */
    public double total() {
        return total;
    }
}
