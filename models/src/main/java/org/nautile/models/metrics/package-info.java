/** How good answers of yes or no, or of several classes, are, and how like the real ones generated examples. */
@NullMarked
package org.nautile.models.metrics;

import org.jspecify.annotations.NullMarked;
