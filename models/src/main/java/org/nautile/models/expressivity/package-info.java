/** What models can express: classifiers in the plane, and functions on an interval. */
@NullMarked
package org.nautile.models.expressivity;

import org.jspecify.annotations.NullMarked;
