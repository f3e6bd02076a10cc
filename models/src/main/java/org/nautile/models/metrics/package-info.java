/** How good answers of yes or no are. */
@NullMarked
package org.nautile.models.metrics;

import org.jspecify.annotations.NullMarked;
