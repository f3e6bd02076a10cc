package org.nautile.models.bert;

import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Init;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.LinearOp;

/**
 * A fully connected layer, x [..., in], y [..., out], whose weights are not drawn before it is known that no file
 * brings them: memory and time for a hundred million random numbers that nobody uses would be lost.
 */
final class Dense extends Module {
    private static final double DEVIATION = 0.02; // Devlin et al. 2018, as their program has it

    private final Parameter weight;
    private final Parameter bias;

    Dense(int in, int out, Blank memory) {
        weight = parameter("weight", memory.take(out, in));
        bias = parameter("bias", memory.take(out));
    }

    /** Gives a parameter its first value: matrices are drawn, biases zero; norms have theirs. */
    static void start(String name, Tensor value, Generator random) {
        if (value.shape().rank() > 1) {
            Init.normal(value, 0, DEVIATION, random);
        } else if (!name.contains("LayerNorm")) {
            value.fill(0);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(new LinearOp(), x, weight.value(), bias.value());
    }
}
