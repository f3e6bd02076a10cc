/** Points of many dimensions drawn in two: PCA and t-SNE, on the ops of the engine. */
@NullMarked
package org.nautile.models.projection;

import org.jspecify.annotations.NullMarked;
