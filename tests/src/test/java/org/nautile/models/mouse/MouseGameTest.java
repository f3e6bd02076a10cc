package org.nautile.models.mouse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.models.mouse.MouseGame.Cell;

/** The Mouse Game, its players, and what they remember. */
@ExtendWith(RestoresDefaults.class)
class MouseGameTest {
    private static final int CELLS = MouseGame.SIZE * MouseGame.SIZE;
    private static final int VIEW = MouseGame.VIEW * MouseGame.VIEW;

    private static float[] seen(MouseGame game) {
        float[] seen = new float[MouseGame.OBSERVATION];
        game.observe(seen, 0);
        return seen;
    }

    private static long count(MouseGame game, Cell kind) {
        return LongStream.range(0, CELLS)
                .filter(i -> game.cell((int) i / MouseGame.SIZE, (int) i % MouseGame.SIZE) == kind)
                .count();
    }

    /** Over 400 boards, within four standard deviations. */
    @Test
    void boardsHaveTheStatedDensities() {
        double cheese = 0;
        double poison = 0;
        for (int seed = 0; seed < 400; seed++) {
            MouseGame game = new MouseGame(seed);
            cheese += count(game, Cell.CHEESE);
            poison += count(game, Cell.POISON);
        }
        double cells = 400 * (CELLS - 1.0); // the mouse's own is empty
        assertEquals(MouseGame.CHEESE_SHARE, cheese / cells, 4 * Math.sqrt(0.3 * 0.7 / cells));
        assertEquals(MouseGame.POISON_SHARE, poison / cells, 4 * Math.sqrt(0.2 * 0.8 / cells));
    }

    @Test
    void stepsEatOnceAndEndAtTheHorizon() {
        MouseGame game = new MouseGame(3);
        Generator random = new Generator(5, 0);
        double total = 0;
        for (int step = 0; step < MouseGame.HORIZON; step++) {
            assertFalse(game.done());
            Move move = Move.values()[random.nextInt(4)];
            int row = game.row() + move.rows;
            int column = game.column() + move.columns;
            Cell ahead = game.cell(row, column);
            int[] before = {game.row(), game.column()};
            double reward = game.step(move);
            assertEquals(ahead == Cell.CHEESE ? 0.5 : ahead == Cell.POISON ? -1 : 0, reward);
            assertArrayEquals(
                    ahead == Cell.WALL ? before : new int[] {row, column}, new int[] {game.row(), game.column()});
            assertEquals(Cell.EMPTY, game.cell(game.row(), game.column()));
            total += reward;
        }
        assertTrue(game.done());
        assertEquals(total, game.total());
        assertThrows(IllegalStateException.class, () -> game.step(Move.UP));
    }

    @Test
    void aSeedIsAGame() {
        MouseGame game = new MouseGame(7);
        MouseGame other = new MouseGame(8);
        assertFalse(Arrays.equals(seen(game), seen(other)));
        for (int step = 0; step < 20; step++) {
            other.step(Move.values()[step % 4]);
        }
        other.reset(7);
        assertArrayEquals(seen(game), seen(other));
        assertEquals(0, other.total());
    }

    @Test
    void theMouseSeesWhatIsAroundItAndSmellsWhereItWas() {
        MouseGame game = new MouseGame(1);
        int[] from = {game.row(), game.column()};
        Move move = game.cell(from[0] - 1, from[1]) == Cell.WALL ? Move.DOWN : Move.UP;
        game.step(move);
        float[] seen = seen(game);
        for (int i = 0; i < VIEW; i++) {
            Cell cell = game.cell(
                    game.row() + i / MouseGame.VIEW - MouseGame.SIGHT,
                    game.column() + i % MouseGame.VIEW - MouseGame.SIGHT);
            assertEquals(cell == Cell.CHEESE ? 1 : 0, seen[i]);
            assertEquals(cell == Cell.POISON ? 1 : 0, seen[VIEW + i]);
            assertEquals(cell == Cell.WALL ? 1 : 0, seen[2 * VIEW + i]);
        }
        int middle = 3 * VIEW + VIEW / 2;
        assertEquals(1, seen[middle]);
        assertEquals(1 - 1 / 40F, seen[middle - move.rows * MouseGame.VIEW]);
        float scent = 0;
        for (int i = 3 * VIEW; i < seen.length; i++) {
            scent += seen[i];
        }
        assertEquals(2 - 1 / 40F, scent, 1e-6F); // nowhere else
    }

    /** Of 200 games: the rule is far better than chance. */
    @Test
    void theRuleIsBetterThanChance() {
        double rule =
                Arrays.stream(new HandWritten(0).returns(0, 200)).average().orElseThrow();
        double chance =
                Arrays.stream(Policy.random(0).returns(0, 200)).average().orElseThrow();
        assertTrue(rule > 15 && chance < 0, rule + " and " + chance);
    }

    /** The first step of the rule towards the nearest cheese beside the mouse is onto it. */
    @Test
    void theRuleTakesCheeseBesideIt() {
        int found = 0;
        for (int seed = 0; seed < 50; seed++) {
            MouseGame game = new MouseGame(seed);
            boolean beside = Arrays.stream(Move.values())
                    .anyMatch(move -> game.cell(game.row() + move.rows, game.column() + move.columns) == Cell.CHEESE);
            Move move = new HandWritten(0).choose(List.of(game)).get(0);
            double reward = game.step(move);
            if (beside) {
                found++;
                assertEquals(MouseGame.CHEESE_REWARD, reward);
            }
        }
        assertTrue(found > 20, "cheese beside the mouse in " + found + " games");
    }

    /** A memory of four transitions after six moves: the last four, each as it was. */
    @Test
    void replayKeepsTheLastTransitions() {
        Device.setDefault(Device.of("reference"));
        MouseGame game = new MouseGame(2);
        MouseGame twin = new MouseGame(2);
        Replay replay = new Replay(4, 64, 0);
        float[][] before = new float[6][];
        float[][] after = new float[6][];
        double[] rewards = new double[6];
        for (int i = 0; i < 6; i++) {
            Move move = Move.values()[(i + i / 4) % 4];
            before[i] = seen(twin);
            rewards[i] = twin.step(move);
            after[i] = seen(twin);
            replay.play(game, move, 0.9);
        }
        assertEquals(4, replay.count());
        int width = 2 * MouseGame.OBSERVATION + 2;
        boolean[] drawn = new boolean[6];
        try (DataLoader loader = new DataLoader(replay, 64, Device.of("reference"), false, 0)) {
            for (Batch batch : loader.epoch(1)) {
                float[] x = batch.x().toFloatArray();
                long[] y = batch.y().toLongArray();
                for (int example = 0; example < 64; example++) {
                    float[] row = Arrays.copyOfRange(x, example * width, (example + 1) * width);
                    float[] old = Arrays.copyOf(row, MouseGame.OBSERVATION);
                    int i = 2;
                    while (i < 5 && !Arrays.equals(before[i], old)) {
                        i++;
                    }
                    assertArrayEquals(before[i], old);
                    assertArrayEquals(
                            after[i], Arrays.copyOfRange(row, MouseGame.OBSERVATION, 2 * MouseGame.OBSERVATION));
                    assertEquals((float) rewards[i], row[width - 2]);
                    assertEquals(0.9F, row[width - 1]);
                    assertEquals((i + i / 4) % 4, y[example]);
                    drawn[i] = true;
                }
                batch.close();
            }
        }
        assertArrayEquals(new boolean[] {false, false, true, true, true, true}, drawn);
    }

    /** The last move of a game has no future. */
    @Test
    void theFutureEndsWithTheGame() {
        MouseGame game = new MouseGame(2);
        Replay replay = new Replay(1, 1, 0);
        float[] example = new float[2 * MouseGame.OBSERVATION + 2];
        while (!game.done()) {
            replay.play(game, Move.LEFT, 0.9);
            replay.sample(0, example, 0);
            assertEquals(game.done() ? 0 : 0.9F, example[example.length - 1]);
        }
    }

    /** The mean Huber loss of the move's worth against the reward and the discounted worth of the best move after it. */
    @Test
    void learningFollowsItsFormula() throws IOException {
        Device.setDefault(Device.of("reference"));
        MouseGame game = new MouseGame(5);
        Replay replay = new Replay(40, 40, 0);
        for (int i = 0; i < 40; i++) {
            replay.play(game, Move.values()[i % 4], 0.9);
        }
        int seen = MouseGame.OBSERVATION;
        int width = 2 * seen + 2;
        try (QNetwork network = new QNetwork(QNetwork.Kind.MLP, new Generator(4, 0));
                QLearning learning = new QLearning(network);
                DataLoader loader = new DataLoader(replay, 40, Device.defaultDevice(), false, 0)) {
            for (Batch batch : loader.epoch(1)) {
                float[] x = batch.x().toFloatArray();
                long[] moves = batch.y().toLongArray();
                double expected = 0;
                for (int i = 0; i < 40; i++) {
                    float[] before = worths(network, Arrays.copyOfRange(x, i * width, i * width + seen));
                    float[] after = worths(network, Arrays.copyOfRange(x, i * width + seen, i * width + 2 * seen));
                    double best = Math.max(Math.max(after[0], after[1]), Math.max(after[2], after[3]));
                    double goal = x[i * width + 2 * seen] + x[i * width + 2 * seen + 1] * best;
                    double off = Math.abs(before[(int) moves[i]] - goal);
                    expected += (off < 1 ? off * off / 2 : off - 0.5) / 40;
                }
                assertTrue(expected > 0.01, "something to learn: " + expected);
                assertEquals(expected, learning.loss(batch).item(), 1e-6 * expected);
                batch.close();
            }
        }
    }

    private static float[] worths(QNetwork network, float... observation) {
        return network.forward(Tensor.of(Device.defaultDevice(), observation, Shape.of(1, observation.length)))
                .toFloatArray();
    }

    /** On reference and with a recorded plan, together and alone. */
    @Test
    void agentsPlayAlike() {
        for (QNetwork.Kind kind : QNetwork.Kind.values()) {
            Device.setDefault(Device.of("reference"));
            double[] right = returns(kind, 3);
            Device.setDefault(Device.of("cpu"));
            assertArrayEquals(right, returns(kind, 3), kind.toString());
            assertEquals(right[0], returns(kind, 1)[0], kind.toString());
        }
    }

    private static double[] returns(QNetwork.Kind kind, int games) {
        try (QNetwork network = new QNetwork(kind, new Generator(4, 0));
                Agent agent = new Agent(network, games, Device.defaultDevice())) {
            return agent.returns(10, games);
        }
    }
}
