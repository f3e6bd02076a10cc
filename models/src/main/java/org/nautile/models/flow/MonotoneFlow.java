package org.nautile.models.flow;

import java.util.List;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.nn.Parameter;
import org.nautile.op.ActivationOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.op.ReduceOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.UnaryOp;

/**
 * A flow on the line: a rising line and rising steps, {@code F(x) = e^a x + b + sum_k e^h_k tanh((x - c_k) e^-w_k)}. It
 * rises everywhere, at least as the line does, and reaches every number: a bijection.
 */
public final class MonotoneFlow extends Flow {
    private static final int HALVINGS = 48; // of the stretch that a number is looked for in: beyond float's digits
    private static final double FIRST_STEPS = 3; // the first and the last step are so far from 0
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Op SUBTRACT = new BinaryOp(BinaryKernel.Function.SUB);
    private static final Op MULTIPLY = new BinaryOp(BinaryKernel.Function.MUL);
    private static final Op EXP = new UnaryOp(UnaryKernel.Function.EXP);
    private static final Op LOG = new UnaryOp(UnaryKernel.Function.LOG);
    private static final Op SQUARE = new UnaryOp(UnaryKernel.Function.SQUARE);
    private static final Op TANH = new ActivationOp(ActivationKernel.Function.TANH);
    private static final Op SUM = new ReduceOp(ReduceKernel.Function.SUM, List.of(1), true);

    private final Parameter slope; // logarithm of a
    private final Parameter shift; // b
    private final Parameter heights; // logarithms of h
    private final Parameter centres; // c
    private final Parameter widths; // logarithms of w

    /**
     * A flow that is nearly the identity.
     *
     * @param steps their number, {@code >= 1}
     */
    public MonotoneFlow(int steps) {
        super(1);
        float[] places = new float[steps];
        for (int i = 0; i < steps; i++) {
            places[i] = (float) (FIRST_STEPS * ((2 * i + 1.0) / steps - 1));
        }
        slope = parameter("slope", Tensor.zeros(1));
        shift = parameter("shift", Tensor.zeros(1));
        heights = parameter("heights", Tensor.zeros(steps).fill(-3));
        centres = parameter("centres", Tensor.of(places, steps));
        widths = parameter("widths", Tensor.zeros(steps).fill(Math.log(2 * FIRST_STEPS / steps)));
    }

    @Override
    public Latent normalise(Tensor x) {
        Tensor rise = Autograd.apply(EXP, slope.value());
        Tensor away = Autograd.apply(SUBTRACT, x, centres.value());
        Tensor narrow = Autograd.apply(EXP, negative(widths.value()));
        Tensor steps = Autograd.apply(TANH, Autograd.apply(MULTIPLY, away, narrow)); // [B, K]
        Tensor high = Autograd.apply(EXP, heights.value());
        Tensor line = Autograd.apply(ADD, Autograd.apply(MULTIPLY, x, rise), shift.value());
        Tensor z = Autograd.apply(ADD, line, Autograd.apply(SUM, Autograd.apply(MULTIPLY, steps, high)));

        Tensor steepness = Autograd.apply(new ScaleOp(-1, 1), Autograd.apply(SQUARE, steps)); // of tanh
        Tensor steepest = Autograd.apply(MULTIPLY, high, narrow);
        Tensor derivative =
                Autograd.apply(ADD, Autograd.apply(SUM, Autograd.apply(MULTIPLY, steepness, steepest)), rise);
        return new Latent(z, Autograd.apply(LOG, derivative));
    }

    private static Tensor negative(Tensor x) {
        return Autograd.apply(new ScaleOp(-1, 0), x);
    }

    /** Looks for x by halving: steps are bounded, so that the line alone says between which numbers it is. */
    @Override
    public Tensor inverse(Tensor z) {
        double rise = Math.exp(slope.value().toFloatArray()[0]);
        double at = shift.value().toFloatArray()[0];
        double reach = 0;
        for (float height : heights.value().toFloatArray()) {
            reach += Math.exp(height);
        }
        float[] wanted = z.toFloatArray();
        double[] low = new double[wanted.length];
        double[] high = new double[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            low[i] = (wanted[i] - at - reach) / rise;
            high[i] = (wanted[i] - at + reach) / rise;
        }
        try (Autograd.Pause pause = Autograd.noGrad()) {
            for (int n = 0; n < HALVINGS; n++) {
                try (Scope scope = new Scope()) {
                    float[] found = forward(middles(z, low, high)).toFloatArray();
                    for (int i = 0; i < found.length; i++) {
                        double middle = (low[i] + high[i]) / 2;
                        low[i] = found[i] < wanted[i] ? middle : low[i];
                        high[i] = found[i] < wanted[i] ? high[i] : middle;
                    }
                }
            }
        }
        return middles(z, low, high);
    }

    private static Tensor middles(Tensor like, double[] low, double[] high) {
        float[] middles = new float[low.length];
        for (int i = 0; i < middles.length; i++) {
            middles[i] = (float) ((low[i] + high[i]) / 2);
        }
        return Tensor.of(like.device(), middles, Shape.of(middles.length, 1));
    }
}
