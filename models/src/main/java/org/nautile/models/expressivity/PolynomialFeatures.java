package org.nautile.models.expressivity;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.SliceOp;

/**
 * The products of two coordinates up to a degree, [B, 2] to [B, features]: x, y; x^2, xy, y^2; x^3, x^2 y, x y^2, y^3;
 * and so on. There is nothing to learn.
 */
public final class PolynomialFeatures extends Module {
    private static final Op MULTIPLY = new BinaryOp(BinaryKernel.Function.MUL);

    private final int degree;

    /**
     * Features.
     *
     * @param degree the highest, {@code >= 1}
     */
    public PolynomialFeatures(int degree) {
        if (degree < 1) {
            throw new IllegalArgumentException("degree " + degree + " is less than 1");
        }
        this.degree = degree;
    }

    /**
     * The number of features.
     *
     * @return those of each degree, one more than the degree, together
     */
    public int size() {
        return degree * (degree + 3) / 2;
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor first = Autograd.apply(new SliceOp(1, 0, 1), x);
        Tensor second = Autograd.apply(new SliceOp(1, 1, 2), x);
        List<Tensor> byDegree = new ArrayList<>(List.of(x));
        for (int d = 2; d <= degree; d++) {
            Tensor lower = byDegree.get(d - 2); // the last of them is a power of the second coordinate alone
            Tensor last = Autograd.apply(new SliceOp(1, d - 1, d), lower);
            Tensor mixed = Autograd.apply(MULTIPLY, lower, first);
            Tensor power = Autograd.apply(MULTIPLY, last, second);
            byDegree.add(Autograd.apply(new ConcatOp(1), mixed, power));
        }
        return degree == 1 ? x : Autograd.apply(new ConcatOp(1), byDegree.toArray(Tensor[]::new));
    }

    @Override
    protected String describe() {
        return "PolynomialFeatures(degree " + degree + ")";
    }
}
