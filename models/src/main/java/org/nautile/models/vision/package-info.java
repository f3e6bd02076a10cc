/** Networks of images. */
@NullMarked
package org.nautile.models.vision;

import org.jspecify.annotations.NullMarked;
