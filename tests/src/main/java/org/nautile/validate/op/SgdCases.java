package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.SgdKernel;
import org.nautile.op.Call;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the optimizer's step. Settings are float32 numbers: rounding them is not the kernel's error. */
public final class SgdCases implements OpCases {
    /** For {@link OpCases#of}. */
    public SgdCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (long size : new long[] {1, 91, 0}) {
            cases.add(described("plain", new Step(0.125, 0, 0, 0, false, true, false), size));
            cases.add(described("weight decay", new Step(0.125, 0, 0, 0.0625, false, true, false), size));
            for (boolean buffer : new boolean[] {false, true}) {
                String what = buffer ? ", the buffer" : ", the parameters";
                cases.add(described("momentum" + what, new Step(0.0625, 0.875, 0, 0, false, false, buffer), size));
                cases.add(described("dampening" + what, new Step(0.0625, 0.875, 0.5, 0, false, false, buffer), size));
                cases.add(described("Nesterov" + what, new Step(0.0625, 0.875, 0, 0.125, true, false, buffer), size));
                cases.add(
                        described("first step" + what, new Step(0.0625, 0.875, 0.5, 0.125, false, true, buffer), size));
            }
        }
        cases.add(described("several tasks", new Step(0.0625, 0.875, 0.5, 0.125, false, false, false), 150_001));
        cases.add(described("several tasks, plain", new Step(0.125, 0, 0, 0, false, true, false), 150_001));
        return cases;
    }

    private static OpCase described(String label, Step step, long size) {
        Draw normal = Draw.normal(0, 1);
        return new OpCase(step, label)
                .input(normal, size)
                .input(normal, size)
                .input(normal, size)
                .forward(Budget.ulp(1, "up to six products and sums of order 1").plus(1e-6))
                .formula(in -> step.formula(in[0], in[1], in[2]));
    }

    /** A step that leaves its inputs alone; the result is the parameters, or the momentum buffer. */
    private record Step(
            double lr,
            double momentum,
            double dampening,
            double weightDecay,
            boolean nesterov,
            boolean first,
            boolean buffer)
            implements ForwardOnly {
        @Override
        public String name() {
            return "sgd";
        }

        @Override
        public List<String> inputs() {
            return List.of("parameter", "gradient", "buffer");
        }

        @Override
        public Tensor forward(Call call) {
            Tensor result = call.result(call.floating(), call.input(0).shape()).copyFrom(call.input(buffer ? 2 : 0));
            Tensor other = call.input(buffer ? 0 : 2).copy();
            Tensor velocity = buffer ? result : other;
            @Nullable Tensor optional = momentum == 0 ? null : velocity;
            result.device()
                    .backend()
                    .kernel(SgdKernel.TYPE)
                    .step(
                            buffer ? other : result,
                            call.input(1).contiguous(),
                            optional,
                            lr,
                            momentum,
                            dampening,
                            weightDecay,
                            nesterov,
                            first);
            return result;
        }

        double[] formula(double[] p, double[] g, double[] b) {
            double[] result = new double[p.length];
            for (int i = 0; i < result.length; i++) {
                double change = g[i] + weightDecay * p[i];
                double velocity = first ? change : momentum * b[i] + (1 - dampening) * change;
                double direction = momentum == 0 ? change : nesterov ? change + momentum * velocity : velocity;
                result[i] = buffer ? velocity : p[i] - lr * direction;
            }
            return result;
        }
    }
}
