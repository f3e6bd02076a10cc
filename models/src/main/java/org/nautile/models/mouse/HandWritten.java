package org.nautile.models.mouse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.nautile.Generator;
import org.nautile.models.mouse.MouseGame.Cell;

/**
 * The rule that comes to mind first: along the shortest path to cheese that is in sight and free of poison; where there
 * is none, a step at random, but not onto poison or against the wall if there is another.
 */
public final class HandWritten implements Policy {
    private static final int MIDDLE = MouseGame.SIGHT * MouseGame.VIEW + MouseGame.SIGHT;

    private final Generator random;

    /**
     * A player.
     *
     * @param seed draws steps where no cheese is in reach
     */
    public HandWritten(long seed) {
        random = new Generator(seed, 2);
    }

    @Override
    public List<Move> choose(List<MouseGame> games) {
        return games.stream().map(this::choose).toList();
    }

    private Move choose(MouseGame game) {
        Move[] first = new Move[MouseGame.VIEW * MouseGame.VIEW]; // of the shortest path to each cell in sight
        Deque<Integer> next = new ArrayDeque<>(List.of(MIDDLE));
        while (!next.isEmpty()) { // breadth first
            int from = next.remove();
            for (Move move : Move.values()) {
                int r = from / MouseGame.VIEW + move.rows;
                int c = from % MouseGame.VIEW + move.columns;
                if (r < 0 || r >= MouseGame.VIEW || c < 0 || c >= MouseGame.VIEW) {
                    continue;
                }
                int to = r * MouseGame.VIEW + c;
                Cell cell = game.cell(game.row() + r - MouseGame.SIGHT, game.column() + c - MouseGame.SIGHT);
                if (to == MIDDLE || first[to] != null || cell == Cell.POISON || cell == Cell.WALL) {
                    continue;
                }
                first[to] = from == MIDDLE ? move : first[from];
                if (cell == Cell.CHEESE) {
                    return first[to];
                }
                next.add(to);
            }
        }
        return wander(game);
    }

    private Move wander(MouseGame game) {
        List<Move> safe = new ArrayList<>();
        for (Move move : Move.values()) {
            if (game.cell(game.row() + move.rows, game.column() + move.columns) == Cell.EMPTY) {
                safe.add(move);
            }
        }
        List<Move> open = safe.isEmpty() ? List.of(Move.values()) : safe;
        return open.get(random.nextInt(open.size()));
    }
}
