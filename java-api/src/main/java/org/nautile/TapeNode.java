package org.nautile;

/** What automatic differentiation remembers of a tensor; see {@code org.nautile.autograd}. */
public interface TapeNode {}
