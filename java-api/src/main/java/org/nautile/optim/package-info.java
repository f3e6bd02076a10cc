/** Optimizers, and the loop that trains a model with them. */
@NullMarked
package org.nautile.optim;

import org.jspecify.annotations.NullMarked;
