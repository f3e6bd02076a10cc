/** Normalising flows: networks that can be inverted, and say how dense data are. */
@NullMarked
package org.nautile.models.flow;

import org.jspecify.annotations.NullMarked;
