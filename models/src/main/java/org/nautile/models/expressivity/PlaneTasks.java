package org.nautile.models.expressivity;

import java.util.Collection;
import java.util.List;
import org.nautile.Shape;
import org.nautile.data.Dataset;
import org.nautile.models.points.Points;

/** Sets of points in the plane beside each other: an example is a point of each set, its target the class of each. */
final class PlaneTasks implements Dataset {
    private final List<Points> sets;

    /** Sets of the same size. */
    PlaneTasks(Collection<Points> sets) {
        this.sets = List.copyOf(sets);
    }

    @Override
    public int size() {
        return sets.get(0).size();
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(2L * sets.size());
    }

    @Override
    public Shape targetShape() {
        return Shape.of(sets.size());
    }

    @Override
    public int classes() {
        return 2;
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        for (int s = 0; s < sets.size(); s++) {
            sets.get(s).sample(index, into, offset + 2 * s);
        }
    }

    @Override
    public void target(int index, long[] into, int offset) {
        for (int s = 0; s < sets.size(); s++) {
            sets.get(s).target(index, into, offset + s);
        }
    }
}
