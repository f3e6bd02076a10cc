/** Points drawn at random in the plane or on a line, to learn from. */
@NullMarked
package org.nautile.models.points;

import org.jspecify.annotations.NullMarked;
