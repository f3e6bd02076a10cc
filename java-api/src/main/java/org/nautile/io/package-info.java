/** Files: IDX, safetensors, text, downloads; everything is written whole or not at all. */
@NullMarked
package org.nautile.io;

import org.jspecify.annotations.NullMarked;
