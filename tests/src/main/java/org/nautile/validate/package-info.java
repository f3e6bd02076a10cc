/**
 * Finds out whether a device computes what it should: cases and checks for every op, PyTorch's numbers, and training steps
 * of every model. {@code nautile validate} and the JUnit tests run the same code.
 *
 * <p>Right is what the device {@code reference} computes in float64 from the same float32 inputs; the reference itself is held
 * to finite differences, to formulas written a second time, and to PyTorch.
 */
@NullMarked
package org.nautile.validate;

import org.jspecify.annotations.NullMarked;
