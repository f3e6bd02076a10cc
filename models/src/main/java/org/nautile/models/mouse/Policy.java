package org.nautile.models.mouse;

import java.util.List;
import java.util.stream.LongStream;
import org.nautile.Generator;

/** Chooses moves, for several games at once. */
public interface Policy {
    /**
     * The next move of each game.
     *
     * @param games games that are not over
     * @return as many moves
     */
    List<Move> choose(List<MouseGame> games);

    /**
     * Moves at random.
     *
     * @param seed draws them
     * @return each of the four as often as the others
     */
    static Policy random(long seed) {
        Generator random = new Generator(seed, 1);
        return games -> games.stream()
                .map(game -> Move.values()[random.nextInt(Move.values().length)])
                .toList();
    }

    /**
     * Plays games to their end, all side by side.
     *
     * @param firstSeed that of the first game; the others' follow it
     * @param count the number of games
     * @return the sum of rewards of each
     */
    default double[] returns(long firstSeed, int count) {
        List<MouseGame> games = LongStream.range(firstSeed, firstSeed + count)
                .mapToObj(MouseGame::new)
                .toList();
        for (int step = 0; step < MouseGame.HORIZON; step++) {
            List<Move> moves = choose(games);
            for (int i = 0; i < count; i++) {
                games.get(i).step(moves.get(i));
            }
        }
        return games.stream().mapToDouble(MouseGame::total).toArray();
    }
}
