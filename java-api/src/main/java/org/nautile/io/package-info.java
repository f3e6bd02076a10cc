/** Files: IDX, safetensors, downloads; everything is written whole or not at all. */
@NullMarked
package org.nautile.io;

import org.jspecify.annotations.NullMarked;
