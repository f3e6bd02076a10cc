/** Whether a text speaks well of something: reviews, their words, and networks that read them. */
@NullMarked
package org.nautile.models.sentiment;

import org.jspecify.annotations.NullMarked;
