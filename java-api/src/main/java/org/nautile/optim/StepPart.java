package org.nautile.optim;

/** The parts of a training step, in the order in which they first happen. */
public enum StepPart {
    /** Waiting for the examples, which another thread gathers. */
    DATA,
    /** The way of the examples to the device. */
    COPY,
    /** The model's output and the loss. */
    FORWARD,
    /** The gradients. */
    BACKWARD,
    /** Zeros for the gradients before they are summed, and afterwards what changes the parameters. */
    OPTIMIZER
}
