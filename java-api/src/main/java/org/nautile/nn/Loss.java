package org.nautile.nn;

import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.op.BinaryOp;
import org.nautile.op.CrossEntropyOp;
import org.nautile.op.ReduceOp;

/** What training makes small. */
@FunctionalInterface
public interface Loss {
    /**
     * The loss of a batch.
     *
     * @param output what the model says
     * @param target what it should say
     * @return a scalar
     */
    Tensor of(Tensor output, Tensor target);

    /**
     * The cross-entropy of class scores, averaged over the batch.
     *
     * @return a loss of logits [N, C] and labels int64 [N]
     */
    static Loss crossEntropy() {
        CrossEntropyOp op = new CrossEntropyOp();
        return (output, target) -> Autograd.apply(op, output, target);
    }

    /**
     * The mean of the squared differences.
     *
     * @return a loss of two tensors of one shape
     */
    static Loss meanSquaredError() {
        BinaryOp subtract = new BinaryOp(BinaryKernel.Function.SUB);
        BinaryOp multiply = new BinaryOp(BinaryKernel.Function.MUL);
        ReduceOp mean = ReduceOp.all(ReduceKernel.Function.MEAN);
        return (output, target) -> {
            Tensor difference = Autograd.apply(subtract, output, target);
            return Autograd.apply(mean, Autograd.apply(multiply, difference, difference));
        };
    }
}
