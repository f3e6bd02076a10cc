package org.nautile.models.mouse;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.nautile.models.charts.Animation;
import org.nautile.models.charts.Picture;
import org.nautile.models.mouse.MouseGame.Cell;

/**
 * A game that was played. As a picture it shows the board at a few moments; {@link #animation} shows every step. Cheese
 * is red, poison is blue, what the mouse sees is lighter than the rest.
 */
public final class Film implements Picture {
    private static final int CELL = 16; // points
    private static final int CAPTION = 22; // points
    private static final int BOARD = MouseGame.SIZE * CELL;
    private static final int GAP = 12;
    private static final int[] MOMENTS = {0, 20, 40, 80, 120, MouseGame.HORIZON};
    private static final int COLUMNS = 3;
    private static final int DELAY = 12; // hundredths of a second

    private static final Color FAR = new Color(0xD9, 0xDE, 0xE4);
    private static final Color SEEN = new Color(0xF7, 0xF9, 0xFB);
    private static final Color INK = new Color(0x22, 0x2B, 0x38);
    private static final Color CHEESE = new Color(0xD6, 0x2F, 0x2F);
    private static final Color POISON = new Color(0x2A, 0x62, 0xC4);
    private static final Color FUR = new Color(0x6E, 0x67, 0x63);
    private static final Color EAR = new Color(0xE8, 0xA9, 0xB0);
    private static final Color PATH = new Color(0xB5, 0x8A, 0x2E);

    private final long seed;
    private final List<Move> moves = new ArrayList<>();
    private final double total;

    /**
     * Plays a game to its end.
     *
     * @param policy chooses moves
     * @param seed that of the game
     */
    public Film(Policy policy, long seed) {
        this.seed = seed;
        MouseGame game = new MouseGame(seed);
        while (!game.done()) {
            Move move = policy.choose(List.of(game)).get(0);
            moves.add(move);
            game.step(move);
        }
        total = game.total();
    }

    /**
     * The rewards of the game.
     *
     * @return their sum
     */
    public double total() {
        return total;
    }

    @Override
    public int width() {
        return COLUMNS * (BOARD + GAP) + GAP;
    }

    @Override
    public int height() {
        return (MOMENTS.length + COLUMNS - 1) / COLUMNS * (BOARD + CAPTION + GAP) + GAP;
    }

    @Override
    public void paint(Graphics2D graphics) {
        AffineTransform origin = graphics.getTransform();
        for (int i = 0; i < MOMENTS.length; i++) {
            graphics.setTransform(origin);
            int row = i / COLUMNS;
            graphics.translate(GAP + i % COLUMNS * (BOARD + GAP), GAP + row * (BOARD + CAPTION + GAP));
            paint(graphics, MOMENTS[i]);
        }
    }

    /**
     * The game in motion.
     *
     * @return a picture of its end, which is written as GIF
     */
    public Picture animation() {
        return new Animation(frames(), DELAY);
    }

    private List<Frame> frames() {
        List<Frame> frames = new ArrayList<>();
        for (int step = 0; step <= MouseGame.HORIZON; step++) {
            frames.add(new Frame(step));
        }
        return frames;
    }

    /** The board after some steps. */
    private class Frame implements Picture {
        private final int step;

        Frame(int step) {
            this.step = step;
        }

        @Override
        public int width() {
            return BOARD;
        }

        @Override
        public int height() {
            return BOARD + CAPTION;
        }

        @Override
        public void paint(Graphics2D graphics) {
            Film.this.paint(graphics, step);
        }
    }

    private void paint(Graphics2D graphics, int step) {
        MouseGame game = new MouseGame(seed);
        List<int[]> path = new ArrayList<>();
        path.add(new int[] {game.row(), game.column()});
        for (Move move : moves.subList(0, step)) {
            game.step(move);
            path.add(new int[] {game.row(), game.column()});
        }
        for (int r = 0; r < MouseGame.SIZE; r++) {
            for (int c = 0; c < MouseGame.SIZE; c++) {
                boolean seen =
                        Math.abs(r - game.row()) <= MouseGame.SIGHT && Math.abs(c - game.column()) <= MouseGame.SIGHT;
                graphics.setColor(seen ? SEEN : FAR);
                graphics.fillRect(c * CELL, r * CELL, CELL - 1, CELL - 1);
                Cell cell = game.cell(r, c);
                if (cell != Cell.EMPTY) {
                    graphics.setColor(cell == Cell.CHEESE ? CHEESE : POISON);
                    dot(graphics, c + 0.5, r + 0.5, 0.28);
                }
            }
        }
        trail(graphics, path.subList(Math.max(0, step - 15), step + 1));
        mouse(graphics, game);
        graphics.setColor(INK);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        graphics.drawString(String.format(Locale.ROOT, "step %d: %.1f", step, game.total()), 2, BOARD + CAPTION - 7);
    }

    private static void trail(Graphics2D graphics, List<int[]> path) {
        graphics.setColor(PATH);
        graphics.setStroke(new BasicStroke(1.5F, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        for (int i = 1; i < path.size(); i++) {
            int[] from = path.get(i - 1);
            int[] to = path.get(i);
            graphics.drawLine(middle(from[1]), middle(from[0]), middle(to[1]), middle(to[0]));
        }
    }

    private static int middle(int cell) {
        return cell * CELL + CELL / 2;
    }

    private static void mouse(Graphics2D graphics, MouseGame game) {
        double x = game.column() + 0.5;
        double y = game.row() + 0.55;
        for (double side : new double[] {-0.25, 0.25}) {
            graphics.setColor(FUR);
            dot(graphics, x + side, y - 0.27, 0.2);
            graphics.setColor(EAR);
            dot(graphics, x + side, y - 0.27, 0.11);
        }
        graphics.setColor(FUR);
        dot(graphics, x, y, 0.34);
        graphics.setColor(Color.WHITE);
        dot(graphics, x - 0.13, y - 0.06, 0.07);
        dot(graphics, x + 0.13, y - 0.06, 0.07);
        graphics.setColor(EAR);
        dot(graphics, x, y + 0.2, 0.08);
    }

    /** A disc; place and radius in cells. */
    private static void dot(Graphics2D graphics, double x, double y, double radius) {
        graphics.fill(
                new Ellipse2D.Double((x - radius) * CELL, (y - radius) * CELL, 2 * radius * CELL, 2 * radius * CELL));
    }
}
