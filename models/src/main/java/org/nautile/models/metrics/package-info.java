/**
 * How good answers of yes or no, or of several classes, are, how like the real ones generated examples are, and means
 * with their standard errors.
 */
@NullMarked
package org.nautile.models.metrics;

import org.jspecify.annotations.NullMarked;
