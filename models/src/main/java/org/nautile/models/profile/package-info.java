/** Where the time of a training step goes: kernels, phases and memory, as tables and as a trace. */
@NullMarked
package org.nautile.models.profile;

import org.jspecify.annotations.NullMarked;
