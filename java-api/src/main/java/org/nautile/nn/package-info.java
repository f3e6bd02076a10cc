/** Layers and losses, made of ops. Parameter names are PyTorch's, so that weights move both ways. */
@NullMarked
package org.nautile.nn;

import org.jspecify.annotations.NullMarked;
