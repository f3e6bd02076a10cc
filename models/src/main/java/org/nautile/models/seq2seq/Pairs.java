package org.nautile.models.seq2seq;

import java.util.Arrays;
import java.util.List;
import org.nautile.Shape;
import org.nautile.data.Dataset;

/**
 * Examples of a task as numbers. The target of an example is first what is to be written, with START, END and PAD always as long as the
 * longest, and then what is read, of its own length. The example itself is one number that says nothing.
 */
public final class Pairs implements Dataset {
    private final List<int[]> examples;
    private final Shape targetShape;
    private final int classes;

    /**
     * Numbers for examples.
     *
     * @param task the task
     * @param pairs its examples
     */
    public Pairs(Task task, List<Pair> pairs) {
        examples = pairs.stream()
                .map(pair -> joined(task.write(pair.target()), written(task), task.read(pair.source())))
                .toList();
        targetShape = Shape.of((long) written(task) + task.longestSource());
        classes = task.target().size();
    }

    /** The numbers of what is to be written, with START and END. */
    static int written(Task task) {
        return task.longestTarget() + 2;
    }

    private static int[] joined(int[] target, int width, int... source) {
        int[] all = new int[width + source.length]; // of PAD
        all[0] = Vocabulary.START;
        System.arraycopy(target, 0, all, 1, target.length);
        all[target.length + 1] = Vocabulary.END;
        System.arraycopy(source, 0, all, width, source.length);
        return all;
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(1);
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        into[offset] = 0;
    }

    @Override
    public Shape targetShape() {
        return targetShape;
    }

    @Override
    public int targetLength(int index) {
        return examples.get(index).length;
    }

    @Override
    public void target(int index, long[] into, int offset) {
        long[] numbers = Arrays.stream(examples.get(index)).asLongStream().toArray();
        System.arraycopy(numbers, 0, into, offset, numbers.length);
    }
}
