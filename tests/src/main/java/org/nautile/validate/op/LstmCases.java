package org.nautile.validate.op;

import java.util.List;
import org.nautile.op.LstmCellOp;
import org.nautile.op.LstmOp;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link LstmOp} and {@link LstmCellOp}. */
public final class LstmCases implements OpCases {
    /** For {@link OpCases#of}. */
    public LstmCases() {}

    @Override
    public List<OpCase> cases() {
        return new Recurrences(4, true, LstmOp::new, LstmCellOp::new).cases();
    }
}
