/** How long recurrent networks remember. */
@NullMarked
package org.nautile.models.memory;

import org.jspecify.annotations.NullMarked;
