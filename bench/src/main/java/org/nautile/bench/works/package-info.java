/** The commands {@code bench}, {@code roofline} and {@code ladder}: lists of works, what a work is on a device, and how it is timed. */
@NullMarked
package org.nautile.bench.works;

import org.jspecify.annotations.NullMarked;
