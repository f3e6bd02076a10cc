/** Nuclei in microscope images: the data, and the algorithms around a network that segments them. */
@NullMarked
package org.nautile.models.segmentation;

import org.jspecify.annotations.NullMarked;
