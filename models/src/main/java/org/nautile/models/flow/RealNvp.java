package org.nautile.models.flow;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.op.BinaryOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.SliceOp;
import org.nautile.op.UnaryOp;

/**
 * RealNVP in the plane (Dinh et al. 2017, arXiv:1605.08803): each coupling leaves one coordinate as it is, and lets it
 * say how the other is stretched and moved, {@code y = x e^s + t}. Couplings take turns with the coordinates. The
 * Jacobian of a coupling is triangular, so that the logarithm of its determinant is s.
 */
public final class RealNvp extends Flow {
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Op SUBTRACT = new BinaryOp(BinaryKernel.Function.SUB);
    private static final Op MULTIPLY = new BinaryOp(BinaryKernel.Function.MUL);
    private static final Op DIVIDE = new BinaryOp(BinaryKernel.Function.DIV);
    private static final Op EXP = new UnaryOp(UnaryKernel.Function.EXP);

    private final List<Coupling> couplings = new ArrayList<>();

    /**
     * A flow.
     *
     * @param count couplings, {@code >= 2}: each coordinate needs one
     * @param hidden units of each of the two hidden layers of a coupling's network, {@code >= 1}
     * @param random draws the first weights
     */
    public RealNvp(int count, int hidden, Generator random) {
        super(2);
        if (count < 2) {
            throw new IllegalArgumentException("RealNvp: " + count + " couplings; at least 2");
        }
        for (int i = 0; i < count; i++) {
            couplings.add(child("coupling" + i, new Coupling(hidden, random)));
        }
    }

    private static Tensor[] coordinates(Tensor points) {
        return new Tensor[] {Autograd.apply(new SliceOp(1, 0, 1), points), Autograd.apply(new SliceOp(1, 1, 2), points)
        };
    }

    @Override
    public Latent normalise(Tensor x) {
        Tensor[] y = coordinates(x);
        List<Tensor> scales = new ArrayList<>();
        for (int i = 0; i < couplings.size(); i++) {
            int changed = i % 2;
            Coupling.Affine affine = couplings.get(i).affine(y[1 - changed]);
            Tensor stretched = Autograd.apply(MULTIPLY, y[changed], Autograd.apply(EXP, affine.scale()));
            y[changed] = Autograd.apply(ADD, stretched, affine.shift());
            scales.add(affine.scale());
        }
        return new Latent(
                Autograd.apply(new ConcatOp(1), y),
                scales.stream().reduce((a, b) -> Autograd.apply(ADD, a, b)).orElseThrow());
    }

    @Override
    public Tensor inverse(Tensor z) {
        Tensor[] x = coordinates(z);
        for (int i = couplings.size() - 1; i >= 0; i--) {
            int changed = i % 2;
            Coupling.Affine affine = couplings.get(i).affine(x[1 - changed]);
            Tensor moved = Autograd.apply(SUBTRACT, x[changed], affine.shift());
            x[changed] = Autograd.apply(DIVIDE, moved, Autograd.apply(EXP, affine.scale()));
        }
        return Autograd.apply(new ConcatOp(1), x);
    }
}
