/** Data sets and how they reach a model. */
@NullMarked
package org.nautile.data;

import org.jspecify.annotations.NullMarked;
