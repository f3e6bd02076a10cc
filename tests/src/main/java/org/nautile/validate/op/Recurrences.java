package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.op.Op;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;

/** The cases that the recurrent ops share. */
final class Recurrences {
    private static final Draw X = Draw.normal(0, 1);
    private static final Budget FORWARD = Budget.ulp(4, "the contract of lstm.h: 5e-6 after 100 steps")
            .plus(5e-6)
            .within(2e-6);
    private final int gates;
    private final boolean cells;
    private final Layer layer;
    private final Cell cell;

    /** Makes the op over a sequence. */
    @FunctionalInterface
    interface Layer {
        Op of(boolean reverse, boolean bias, boolean state, boolean lengths);
    }

    /** Makes the op of one step. */
    @FunctionalInterface
    interface Cell {
        Op of(boolean bias, boolean state);
    }

    Recurrences(int gates, boolean cells, Layer layer, Cell cell) {
        this.gates = gates;
        this.cells = cells;
        this.layer = layer;
        this.cell = cell;
    }

    /** Sizes are steps, batch, inputs, units. */
    List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        cases.add(layer("one of each", false, true, true, 1, 1, 1, 1));
        cases.add(layer("odd", false, true, false, 5, 3, 7, 6));
        cases.add(layer("no bias", false, false, false, 4, 2, 3, 5));
        cases.add(layer("state", false, true, true, 3, 4, 2, 9));
        cases.add(layer("reverse", true, true, false, 4, 3, 5, 7));
        cases.add(layer("reverse, state, no bias", true, false, true, 3, 5, 4, 6));
        cases.add(lengths("lengths", false, false, 4, 5, 3, 7));
        cases.add(lengths("lengths, state", false, true, 4, 5, 2, 6));
        cases.add(lengths("lengths, reverse", true, false, 4, 5, 3, 8));
        cases.add(lengths("lengths, reverse, state", true, true, 4, 6, 2, 5));
        cases.add(layer("a single sequence", false, true, true, 7, 1, 4, 13));
        cases.add(lengths("a single sequence, reverse, length", true, true, 4, 1, 3, 14));
        cases.add(layer("whole vectors", false, true, false, 3, 8, 16, 32));
        cases.add(layer("beyond a panel", false, true, true, 3, 17, 9, 37));
        cases.add(layer("several tasks", false, true, true, 3, 67, 20, 83));
        cases.add(layer("several tasks of few units", true, true, false, 2, 700, 3, 30));
        cases.add(layer("several tasks, a single sequence", false, true, true, 3, 1, 5, 331));
        cases.add(layer("long sums", false, true, true, 2, 3, 5, 523));
        cases.add(layer("chunks of steps", false, true, true, 19, 70, 2, 5));
        cases.add(layer("chunks of steps, reverse", true, true, false, 17, 66, 3, 4));
        cases.add(layer("chunks of a single sequence", false, true, true, 1027, 1, 1, 3));
        cases.add(layer("chunks of a single sequence, reverse", true, true, false, 513, 1, 2, 4));
        cases.add(layer("a large batch", false, true, true, 3, 600, 2, 3));
        cases.add(layer("pairs of sequences", false, true, true, 4, 131, 2, 7));
        cases.add(layer("two blocks", false, true, true, 5, 3, 4, 70));
        cases.add(layer("pairs in two blocks, reverse", true, true, false, 4, 67, 3, 101));
        cases.add(lengths("eight blocks, lengths, reverse, state", true, true, 5, 5, 3, 131));
        cases.add(layer("pairs in eight blocks", false, false, true, 4, 17, 3, 255));
        cases.add(layer("fours in eight blocks", false, true, false, 5, 33, 3, 256));
        cases.add(lengths("fives in eight blocks, lengths, state", false, true, 4, 62, 2, 198));
        cases.add(layer("inputs and state in two parts", false, true, true, 2, 19, 203, 210));
        cases.add(layer("more inputs than stand beside a state", true, true, true, 2, 15, 517, 90));
        cases.add(layer("no sequences", false, true, true, 3, 0, 2, 5).zeros());
        cases.add(step("a step", true, true, 5, 6, 7));
        cases.add(step("a step, no bias", false, true, 2, 7, 9));
        cases.add(step("a step from zeros", true, false, 4, 3, 11).zeros()); // by weight_hh
        cases.add(step("a step of one", true, true, 1, 9, 21));
        return cases;
    }

    private OpCase layer(String label, boolean reverse, boolean bias, boolean state, int... sizes) {
        Op op = layer.of(reverse, bias, state, false);
        return inputs(op, label, bias, state, sizes[1], sizes[2], sizes[3], sizes[0], sizes[1], sizes[2]);
    }

    /** Lengths from none to all steps; sizes[0] is at least 4. */
    private OpCase lengths(String label, boolean reverse, boolean state, int... sizes) {
        Op op = layer.of(reverse, true, state, true);
        return inputs(op, label, true, state, sizes[1], sizes[2], sizes[3], sizes[0], sizes[1], sizes[2])
                .input(DType.INT64, Draw.values(2, 4, 0, 1, 3), sizes[1]);
    }

    private OpCase step(String label, boolean bias, boolean state, int batch, int inputs, int units) {
        return inputs(cell.of(bias, state), label, bias, state, batch, inputs, units, batch, inputs);
    }

    private OpCase inputs(
            Op op, String label, boolean bias, boolean state, int batch, int inputs, int units, long... x) {
        Draw weight = Draw.uniform(-1 / Math.sqrt(units), 1 / Math.sqrt(units));
        OpCase test = new OpCase(op, label)
                .input(X, x)
                .input(weight, (long) gates * units, inputs)
                .input(weight, (long) gates * units, units);
        if (bias) {
            test.input(weight, (long) gates * units).input(weight, (long) gates * units);
        }
        for (int i = 0; state && i < (cells ? 2 : 1); i++) {
            test.input(Draw.uniform(-1, 1), batch, units);
        }
        long terms = Shape.of(x).size() / Math.max(inputs, 1); // of the sums over steps and sequences
        return test.forward(FORWARD)
                .backward(Budget.ulp(8, "the contract of lstm.h, and sums of " + terms + " products")
                        .plus(2e-5 + 5e-8 * terms)
                        .within(5e-6));
    }
}
