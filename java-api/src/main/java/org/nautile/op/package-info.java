/**
 * The operations: shapes, errors, and the rule for the gradient of each. An op is a value that holds its parameters; {@link
 * org.nautile.op.Op#apply} computes it, {@code Autograd.apply} computes it and remembers it for the gradient.
 */
@NullMarked
package org.nautile.op;

import org.jspecify.annotations.NullMarked;
