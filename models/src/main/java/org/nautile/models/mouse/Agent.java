package org.nautile.models.mouse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Module;

/** Chooses the moves that a network holds for the best. The forward pass is recorded, for a fixed number of games. */
public final class Agent implements Policy, AutoCloseable {
    private static final int MOVES = Move.values().length;

    private final float[] seen;
    private final Tensor x;
    private final Plan plan;

    /**
     * A player; it sees what its network learns later.
     *
     * @param network gives the worth of moves; where it is trained, its optimizer has been made
     * @param games the number of games in a call of {@link #choose}
     * @param device where the network is
     */
    public Agent(Module network, int games, Device device) {
        seen = new float[games * MouseGame.OBSERVATION];
        x = Scope.disown(Tensor.empty(device, DType.FLOAT32, Shape.of(games, MouseGame.OBSERVATION))
                .fill(0));
        try (Autograd.Pause pause = Autograd.noGrad()) {
            plan = Plan.record(device, () -> network.forward(x));
        }
    }

    @Override
    public List<Move> choose(List<MouseGame> games) {
        for (int i = 0; i < games.size(); i++) {
            games.get(i).observe(seen, i * MouseGame.OBSERVATION);
        }
        float[] worth = worth();
        List<Move> moves = new ArrayList<>(games.size());
        for (int i = 0; i < games.size(); i++) {
            int best = 0;
            for (int move = 1; move < MOVES; move++) {
                best = worth[i * MOVES + move] > worth[i * MOVES + best] ? move : best;
            }
            moves.add(Move.values()[best]);
        }
        return moves;
    }

    /**
     * How long it takes to decide in one game, from what is on the board to the move.
     *
     * @param seed that of the first game, those of the next follow
     * @param decisions how many are timed; half of them count, after as many that warm up
     * @return the median, microseconds
     */
    public double microseconds(long seed, int decisions) {
        MouseGame game = new MouseGame(seed);
        List<MouseGame> games = List.of(game);
        double[] times = new double[decisions];
        for (int i = 0; i < decisions; i++) {
            if (game.done()) {
                game.reset(seed + 1 + i);
            }
            long start = System.nanoTime();
            Move move = choose(games).get(0);
            times[i] = (System.nanoTime() - start) * 1e-3;
            game.step(move);
        }
        return Arrays.stream(times, decisions / 2, decisions)
                .sorted()
                .skip(decisions / 4)
                .findFirst()
                .orElseThrow();
    }

    private float[] worth() {
        try (Autograd.Pause pause = Autograd.noGrad()) { // on reference, the network runs again
            x.set(seen);
            return plan.run().toFloatArray();
        }
    }

    /** Frees the recording, not the network. */
    @Override
    public void close() {
        plan.close();
        x.close();
    }
}
