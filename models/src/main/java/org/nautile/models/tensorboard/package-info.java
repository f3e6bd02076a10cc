/** Event files as TensorBoard reads them. */
@NullMarked
package org.nautile.models.tensorboard;

import org.jspecify.annotations.NullMarked;
