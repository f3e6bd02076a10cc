/** Tensors, their shapes, types, devices and lifetimes. */
@NullMarked
package org.nautile;

import org.jspecify.annotations.NullMarked;
