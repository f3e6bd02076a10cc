package org.nautile.op;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** Where a kernel writes the gradients by x, weight and bias that it computes in one go; null for what is not wanted. */
final class Targets {
    private final @Nullable Tensor[] tensors = new Tensor[3];
    private final boolean[] accumulate = new boolean[3];

    private Targets() {}

    /** For the inputs x, weight and bias, of which the last ones may be absent. */
    static Targets all(Call call, Gradients gradients) {
        Targets targets = new Targets();
        for (int i = 0; i < call.count(); i++) {
            targets.find(i, gradients, i);
        }
        return targets;
    }

    /** For weight and bias, which are this input and the next one or absent, beside a place for x that is found already. */
    static Targets besides(@Nullable Tensor dx, boolean accumulate, Call call, Gradients gradients, int weight) {
        Targets targets = new Targets();
        targets.tensors[0] = dx;
        targets.accumulate[0] = accumulate;
        for (int i = weight; i < call.count(); i++) {
            targets.find(1 + i - weight, gradients, i);
        }
        return targets;
    }

    private void find(int place, Gradients gradients, int input) {
        if (gradients.wants(input)) {
            accumulate[place] = gradients.accumulates(input);
            tensors[place] = gradients.buffer(input);
        }
    }

    @Nullable
    Tensor x() {
        return tensors[0];
    }

    @Nullable
    Tensor weight() {
        return tensors[1];
    }

    @Nullable
    Tensor bias() {
        return tensors[2];
    }

    /** Whether what is there is added to: for x, weight and bias. */
    boolean[] accumulate() {
        return accumulate;
    }
}
