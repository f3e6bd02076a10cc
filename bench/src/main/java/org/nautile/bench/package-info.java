/** JMH benches, one class per op, and whole training steps. */
@NullMarked
package org.nautile.bench;

import org.jspecify.annotations.NullMarked;
