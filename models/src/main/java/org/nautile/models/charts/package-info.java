/** Pictures as PNG files: line charts, matrices, grids of images. Needs no display. */
@NullMarked
package org.nautile.models.charts;

import org.jspecify.annotations.NullMarked;
