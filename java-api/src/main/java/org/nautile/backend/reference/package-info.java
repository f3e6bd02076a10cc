/**
 * The device {@code reference}: every op in plain Java, computed in double. It defines what is right, and is written to be
 * read; it is never optimised.
 *
 * <p>Every kernel has the same form: {@link org.nautile.backend.reference.Values#read} gathers a tensor, whatever its
 * strides and type, into a {@code double[]} row by row; the formula is computed on these arrays; {@link
 * org.nautile.backend.reference.Values#write} rounds the result to the output's type.
 */
@NullMarked
package org.nautile.backend.reference;

import org.jspecify.annotations.NullMarked;
