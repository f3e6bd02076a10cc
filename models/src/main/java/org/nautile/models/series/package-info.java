/** Series of numbers in time: where they come from, networks that forecast them, and how good forecasts are. */
@NullMarked
package org.nautile.models.series;

import org.jspecify.annotations.NullMarked;
