package org.nautile.models.mouse;

import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Generator;

/** Games that are played side by side, over and over, for what there is to learn from them. */
public final class Practice {
    private final List<MouseGame> games;
    private final Replay replay;
    private final double discount;
    private final Generator random;
    private long nextSeed;

    /**
     * Games at their beginning.
     *
     * @param count their number
     * @param replay receives all transitions
     * @param discount of the future, from 0 to 1
     * @param seed that of the first game, those of the others follow; also draws moves
     */
    public Practice(int count, Replay replay, double discount, long seed) {
        this.games =
                IntStream.range(0, count).mapToObj(i -> new MouseGame(seed + i)).toList();
        this.replay = replay;
        this.discount = discount;
        this.random = new Generator(seed, 3);
        nextSeed = seed + count;
    }

    /**
     * Takes steps in each game; what is over begins anew.
     *
     * @param steps the steps of each game
     * @param policy chooses moves
     * @param epsilon the share of moves that are drawn at random instead, from 0 to 1
     */
    public void play(int steps, Policy policy, double epsilon) {
        for (int step = 0; step < steps; step++) {
            List<Move> moves = policy.choose(games);
            for (int i = 0; i < games.size(); i++) {
                MouseGame game = games.get(i);
                boolean explores = random.nextDouble() < epsilon;
                Move drawn = Move.values()[random.nextInt(Move.values().length)];
                replay.play(game, explores ? drawn : moves.get(i), discount);
                if (game.done()) {
                    game.reset(nextSeed++);
                }
            }
        }
    }
}
