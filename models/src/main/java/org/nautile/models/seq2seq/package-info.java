/** Sequence to sequence: tasks that are generated, an encoder-decoder Transformer, and the search for what it says. */
@NullMarked
package org.nautile.models.seq2seq;

import org.jspecify.annotations.NullMarked;
