package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;

/**
 * A recurrent layer over a sequence, unit by unit. A subclass says what a unit does in one step; this class finds the shares of
 * inputs and state in its gates, and goes from step to step. Everything is computed anew for the backward pass.
 */
abstract class RecurrentUnits {
    /** One unit of one sequence in one step, with the state before and after it and the gradients by all of that. */
    static final class Unit {
        final double[] inputShare; // of each gate
        final double[] stateShare;
        double hBefore;
        double cBefore;
        double h;
        double c;
        double dh;
        double dc;
        final double[] dInputShare;
        final double[] dStateShare;
        double dhBefore; // without what comes through the gates
        double dcBefore;

        Unit(int gates) {
            inputShare = new double[gates];
            stateShare = new double[gates];
            dInputShare = new double[gates];
            dStateShare = new double[gates];
        }
    }

    private final RecurrentInputs in;
    private final int gates;
    private final int steps;
    private final int batch;
    private final int inputs;
    private final int hidden;
    private final long @Nullable [] lengths;
    private final double[] inputShares; // [steps, batch, gates, hidden]
    private final double[][] stateShares; // for each step [batch, gates, hidden]
    private final double[][] h; // after so many steps [batch, hidden]
    private final double[][] c;

    RecurrentUnits(RecurrentInputs in, int gates, String op) {
        this.in = in;
        this.gates = gates;
        steps = (int) in.steps();
        batch = (int) in.batch();
        inputs = (int) in.inputs();
        hidden = (int) in.hidden();
        lengths = in.lengths() == null ? null : in.lengths().toLongArray();
        for (int b = 0; lengths != null && b < batch; b++) {
            if (lengths[b] < 0 || lengths[b] > steps) {
                throw new IllegalArgumentException(
                        op + ": lengths[" + b + "] is " + lengths[b] + ", x has " + steps + " steps");
            }
        }
        inputShares = layer(Values.read(in.x()), steps * batch, inputs, in.weightIh(), in.biasIh());
        stateShares = new double[steps][];
        h = new double[steps + 1][batch * hidden];
        c = new double[steps + 1][batch * hidden];
        h[0] = in.h0() == null ? h[0] : Values.read(in.h0());
        c[0] = in.c0() == null ? c[0] : Values.read(in.c0());
    }

    /** Computes and writes the result. */
    final void forward(@Nullable Tensor y, Tensor hn, @Nullable Tensor cn) {
        run();
        if (y != null) {
            writeOutputs(y);
        }
        Values.write(h[steps], hn);
        if (cn != null) {
            Values.write(c[steps], cn);
        }
    }

    /** Computes all steps. */
    private void run() {
        Unit unit = new Unit(gates);
        for (int s = 0; s < steps; s++) {
            stateShares[s] = layer(h[s], batch, hidden, in.weightHh(), in.biasHh());
            for (int i = 0; i < batch * hidden; i++) {
                if (runs(i, s)) {
                    read(unit, i, s);
                    forward(unit);
                    h[s + 1][i] = unit.h;
                    c[s + 1][i] = unit.c;
                } else {
                    h[s + 1][i] = h[s][i];
                    c[s + 1][i] = c[s][i];
                }
            }
        }
    }

    /** From the shares and the state before to the state after. */
    abstract void forward(Unit unit);

    /** From the gradients by the state after to those by the shares and the state before. */
    abstract void backward(Unit unit);

    /** Writes the state after each step, 0 past a sequence's end. */
    private void writeOutputs(Tensor y) {
        double[] out = new double[steps * batch * hidden];
        for (int s = 0; s < steps; s++) {
            for (int i = 0; i < batch * hidden; i++) {
                out[time(s) * batch * hidden + i] = runs(i, s) ? h[s + 1][i] : 0;
            }
        }
        Values.write(out, y);
    }

    /** Computes all steps anew, goes back through them, and writes the gradients. */
    final void backward(@Nullable Tensor dy, @Nullable Tensor dhn, @Nullable Tensor dcn, RecurrentGradients out) {
        run();
        int rows = gates * hidden;
        double[] upstream = dy == null ? new double[steps * batch * hidden] : Values.read(dy);
        double[] dh = dhn == null ? new double[batch * hidden] : Values.read(dhn);
        double[] dc = dcn == null ? new double[batch * hidden] : Values.read(dcn);
        double[] weightHh = Values.read(in.weightHh());
        double[] dInputShares = new double[steps * batch * rows];
        double[] dWeightHh = new double[rows * hidden];
        double[] dBiasHh = new double[rows];
        Unit unit = new Unit(gates);
        for (int s = steps - 1; s >= 0; s--) {
            double[] dStateShares = new double[batch * rows];
            for (int i = 0; i < batch * hidden; i++) {
                if (!runs(i, s)) {
                    continue;
                }
                read(unit, i, s);
                unit.h = h[s + 1][i];
                unit.c = c[s + 1][i];
                unit.dh = dh[i] + upstream[time(s) * batch * hidden + i];
                unit.dc = dc[i];
                backward(unit);
                for (int gate = 0; gate < gates; gate++) {
                    dInputShares[time(s) * batch * rows + place(i, gate)] = unit.dInputShare[gate];
                    dStateShares[place(i, gate)] = unit.dStateShare[gate];
                }
                dh[i] = unit.dhBefore;
                dc[i] = unit.dcBefore;
            }
            MatmulReference.multiply(dStateShares, 0, weightHh, 0, dh, 0, batch, hidden, rows);
            double[] turned = LinearReference.transpose(dStateShares, batch, rows);
            MatmulReference.multiply(turned, 0, h[s], 0, dWeightHh, 0, rows, hidden, batch);
            addRows(dStateShares, dBiasHh);
        }
        double[] dx = new double[steps * batch * inputs];
        MatmulReference.multiply(dInputShares, 0, Values.read(in.weightIh()), 0, dx, 0, steps * batch, inputs, rows);
        double[] dWeightIh = new double[rows * inputs];
        double[] turned = LinearReference.transpose(dInputShares, steps * batch, rows);
        MatmulReference.multiply(turned, 0, Values.read(in.x()), 0, dWeightIh, 0, rows, inputs, steps * batch);
        double[] dBiasIh = new double[rows];
        addRows(dInputShares, dBiasIh);
        write(dx, out.x(), out, 0);
        write(dWeightIh, out.weightIh(), out, 1);
        write(dWeightHh, out.weightHh(), out, 2);
        write(dBiasIh, out.biasIh(), out, 3);
        write(dBiasHh, out.biasHh(), out, 4);
        write(dh, out.h0(), out, 5);
        write(dc, out.c0(), out, 6);
    }

    private static void write(double[] gradient, @Nullable Tensor to, RecurrentGradients out, int bit) {
        if (to != null) {
            Values.write(gradient, to, (out.accumulate() >> bit & 1) != 0);
        }
    }

    /** {@code x weight^T + bias}. */
    private double[] layer(double[] x, int rows, int width, Tensor weight, @Nullable Tensor bias) {
        int out = gates * hidden;
        double[] y = new double[rows * out];
        double[] turned = LinearReference.transpose(Values.read(weight), out, width);
        MatmulReference.multiply(x, 0, turned, 0, y, 0, rows, out, width);
        if (bias != null) {
            double[] addend = Values.read(bias);
            for (int i = 0; i < y.length; i++) {
                y[i] += addend[i % out];
            }
        }
        return y;
    }

    private static void addRows(double[] matrix, double[] sums) {
        for (int i = 0; i < matrix.length; i++) {
            sums[i % sums.length] += matrix[i];
        }
    }

    /** What a unit sees before step s; i counts the units of all sequences. */
    private void read(Unit unit, int i, int s) {
        for (int gate = 0; gate < gates; gate++) {
            unit.inputShare[gate] = inputShares[time(s) * batch * gates * hidden + place(i, gate)];
            unit.stateShare[gate] = stateShares[s][place(i, gate)];
        }
        unit.hBefore = h[s][i];
        unit.cBefore = c[s][i];
    }

    /** The place of a gate in [batch, gates, hidden]. */
    private int place(int i, int gate) {
        return (i / hidden * gates + gate) * hidden + i % hidden;
    }

    private int time(int s) {
        return in.reverse() ? steps - 1 - s : s;
    }

    /** Whether the unit's sequence has step s. */
    private boolean runs(int i, int s) {
        return lengths == null || time(s) < lengths[i / hidden];
    }
}
