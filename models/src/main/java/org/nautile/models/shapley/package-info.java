/** How much each number of an input adds to a network's scores: Shapley values, sampled, with their standard errors. */
@NullMarked
package org.nautile.models.shapley;

import org.jspecify.annotations.NullMarked;
