package org.nautile.validate.op;

import java.util.List;
import org.nautile.op.GruCellOp;
import org.nautile.op.GruOp;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link GruOp} and {@link GruCellOp}. */
public final class GruCases implements OpCases {
    /** For {@link OpCases#of}. */
    public GruCases() {}

    @Override
    public List<OpCase> cases() {
        return new Recurrences(3, false, GruOp::new, GruCellOp::new).cases();
    }
}
