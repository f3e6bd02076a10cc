/** Automatic differentiation: a tape over ops, with PyTorch's semantics. */
@NullMarked
package org.nautile.autograd;

import org.jspecify.annotations.NullMarked;
