package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.DType;
import org.nautile.Tensor;
import org.nautile.op.BatchNormOp;
import org.nautile.op.Call;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link BatchNormOp}. Momentum and eps are float32 numbers: rounding them is not the kernel's error. */
public final class BatchNormCases implements OpCases {
    private static final double MOMENTUM = 0.125;
    private static final double EPS = 0x1p-17;
    private static final BatchNormOp TRAINING = new BatchNormOp(true, false, MOMENTUM, EPS);
    private static final Draw NORMAL = Draw.normal(0, 2);
    private static final Draw FAR = Draw.uniform(10_000, 10_001);
    private static final Draw MEAN = Draw.uniform(-1, 1);
    private static final Draw VARIANCE = Draw.uniform(0.5, 4);
    private static final Draw COUNT = Draw.values(3);

    /** For {@link OpCases#of}. */
    public BatchNormCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        cases.add(training("rows", NORMAL, 7, 13).formula(in -> formula(in[0], in[1], in[2])));
        cases.add(training("two rows", NORMAL, 2, 5));
        cases.add(training("lines", NORMAL, 5, 6, 7));
        cases.add(training("pictures", NORMAL, 2, 11, 3, 5));
        cases.add(training("one channel", NORMAL, 3, 1, 9, 7));
        cases.add(training("many channels", NORMAL, 70, 391));
        cases.add(training("fours of channels", NORMAL, 3, 68, 7, 5));
        cases.add(training("few fours of channels, several tasks", NORMAL, 2, 8, 50, 41));
        cases.add(training("large mean, fours of channels", FAR, 5, 16, 13, 11));
        cases.add(training("several tasks", NORMAL, 3, 53, 37, 29));
        cases.add(training("large mean", FAR, 5, 17, 13, 11));
        cases.add(training("large mean, rows", Draw.uniform(-10_001, -10_000), 400, 5)
                .rough());
        cases.add(training("first row far off", Draw.values(1000, 0.5, -1, 0.25, 2, -0.5, 1), 70, 1));
        cases.add(training("infinite and NaN: NaN", Draw.values(1, Double.POSITIVE_INFINITY, 2, 3, Double.NaN, 4), 4, 3)
                .rough());
        cases.add(training("equal elements: zeros", Draw.values(0.1), 19, 4));
        cases.add(training("no rows", NORMAL, 0, 6).zeros());
        cases.add(budgets(new OpCase(TRAINING, "no weight").input(NORMAL, 3, 7, 5, 4)));
        for (long[] shape : new long[][] {{6, 19}, {2, 3, 5, 7}, {2, 8, 5, 7}}) {
            cases.add(weighted(updating("tracked", NORMAL, shape), shape[1]));
            cases.add(weighted(evaluation("evaluation", NORMAL, shape), shape[1]));
        }
        cases.add(weighted(updating("nothing tracked", NORMAL, 0, 3, 2, 2), 3).zeros());
        cases.add(weighted(evaluation("no examples, evaluation", NORMAL, 0, 3, 2, 2), 3)
                .zeros());
        cases.add(evaluation("one, evaluation", NORMAL, 1, 5));
        cases.add(evaluation("large, evaluation", FAR, 3, 41, 23, 19));
        for (Moved moved : Moved.values()) {
            for (double momentum : new double[] {MOMENTUM, BatchNormOp.AVERAGE, 1}) {
                String label = moved + (momentum < 0 ? ", average" : ", momentum " + momentum);
                Running op = new Running(new BatchNormOp(true, true, momentum, EPS), moved);
                cases.add(running(op, label, NORMAL, 7, 5, 3, 4));
                cases.add(running(op, label + ", large mean", FAR, 600, 7));
            }
            Running kept = new Running(new BatchNormOp(false, true, MOMENTUM, EPS), moved);
            cases.add(running(kept, moved + " in evaluation", NORMAL, 4, 3).forward(Budget.exact("copied")));
        }
        return cases;
    }

    private static OpCase training(String label, Draw draw, long... shape) {
        return budgets(weighted(new OpCase(TRAINING, label).input(draw, shape), shape[1]));
    }

    /** Whose results are what training moves. */
    private static OpCase running(Running op, String label, Draw draw, long... shape) {
        return new OpCase(op, label)
                .input(draw, shape)
                .input(MEAN, shape[1])
                .input(VARIANCE, shape[1])
                .input(DType.INT64, COUNT)
                .forward(Budget.ulp(2, "two products and a sum, and a variance to 1e-6")
                        .plus(2e-6));
    }

    private static OpCase updating(String label, Draw draw, long... shape) {
        return budgets(new OpCase(new BatchNormOp(true, true, MOMENTUM, EPS), label)
                .input(draw, shape)
                .input(MEAN, shape[1])
                .input(VARIANCE, shape[1])
                .input(DType.INT64, COUNT)
                .state(1, 2, 3));
    }

    private static OpCase evaluation(String label, Draw draw, long... shape) {
        return budgets(new OpCase(new BatchNormOp(false, true, MOMENTUM, EPS), label)
                .input(draw, shape)
                .constant(MEAN, shape[1])
                .constant(VARIANCE, shape[1])
                .input(DType.INT64, COUNT));
    }

    private static OpCase weighted(OpCase test, long channels) {
        return test.input(NORMAL, channels).input(NORMAL, channels);
    }

    private static OpCase budgets(OpCase test) {
        return test.forward(Budget.ulp(4, "the contract of batch_norm.h: elements of order 10")
                        .plus(4e-6))
                .backward(Budget.ulp(16, "differences and sums of terms of order 10 / std")
                        .plus(2e-5))
                .inPlace(0);
    }

    private static double[] formula(double[] x, double[] weight, double[] bias) {
        int channels = weight.length;
        double rows = x.length / (double) channels;
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            double sum = 0;
            double squares = 0;
            for (int k = i % channels; k < x.length; k += channels) {
                sum += x[k];
                squares += x[k] * x[k];
            }
            double mean = sum / rows;
            double std = Math.sqrt(squares / rows - mean * mean + EPS);
            y[i] = (x[i] - mean) / std * weight[i % channels] + bias[i % channels];
        }
        return y;
    }

    /** What training moves, in the order of the inputs. */
    private enum Moved {
        MEAN,
        VARIANCE,
        COUNT
    }

    /** The op on copies of its state, of which one is the result. */
    private record Running(BatchNormOp op, Moved moved) implements ForwardOnly {
        @Override
        public String name() {
            return "batch_norm";
        }

        @Override
        public List<String> inputs() {
            return op.inputs();
        }

        @Override
        public Tensor forward(Call call) {
            Tensor[] inputs = new Tensor[call.count()];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = i == 0 ? call.input(i) : call.input(i).copy();
            }
            op.apply(inputs);
            Tensor result = inputs[1 + moved.ordinal()];
            return call.result(result.dtype(), result.shape()).copyFrom(result);
        }
    }
}
