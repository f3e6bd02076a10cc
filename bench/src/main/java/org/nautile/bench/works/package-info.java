/** The commands {@code bench} and {@code roofline}: lists of works, what a work is on a device, and how it is timed. */
@NullMarked
package org.nautile.bench.works;

import org.jspecify.annotations.NullMarked;
