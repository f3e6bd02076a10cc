/** What a device must provide: memory and one kernel per op. */
@NullMarked
package org.nautile.backend;

import org.jspecify.annotations.NullMarked;
