/** Models of text, character by character: alphabets, streams, networks and what they are compared with. */
@NullMarked
package org.nautile.models.language;

import org.jspecify.annotations.NullMarked;
