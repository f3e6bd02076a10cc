package org.nautile.backend;

/** What becomes of the losses that an op computes, in the order of the C ABI's constants. */
public enum LossReduction {
    /** They are the result. */
    NONE,
    /** Their mean; over what, the op says. */
    MEAN,
    /** Their sum. */
    SUM
}
