/** BERT: the network, its checkpoints, and what it is pre-trained on. */
@NullMarked
package org.nautile.models.bert;

import org.jspecify.annotations.NullMarked;
