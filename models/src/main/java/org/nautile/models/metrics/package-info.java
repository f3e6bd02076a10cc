/** How good answers of yes or no are, and how like the real ones generated examples. */
@NullMarked
package org.nautile.models.metrics;

import org.jspecify.annotations.NullMarked;
