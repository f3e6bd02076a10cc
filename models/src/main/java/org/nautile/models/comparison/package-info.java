/** The same training on several devices: times of its parts, losses, and what follows from them. */
@NullMarked
package org.nautile.models.comparison;

import org.jspecify.annotations.NullMarked;
