/** The cases of each op: one class per line of {@code native/ops.def}, found by its name. */
@NullMarked
package org.nautile.validate.op;

import org.jspecify.annotations.NullMarked;
