package org.nautile.validate.op;

import java.util.List;
import java.util.stream.Stream;
import org.nautile.backend.RnnKernel.Nonlinearity;
import org.nautile.op.RnnCellOp;
import org.nautile.op.RnnOp;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link RnnOp} and {@link RnnCellOp}. */
public final class RnnCases implements OpCases {
    /** For {@link OpCases#of}. */
    public RnnCases() {}

    @Override
    public List<OpCase> cases() {
        return Stream.of(Nonlinearity.values())
                .flatMap(f -> new Recurrences(
                                1,
                                false,
                                (reverse, bias, state, lengths) -> new RnnOp(f, reverse, bias, state, lengths),
                                (bias, state) -> new RnnCellOp(f, bias, state))
                        .cases().stream())
                .toList();
    }
}
