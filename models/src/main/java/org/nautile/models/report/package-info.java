/** Pages for a browser: reports of what a command found, and a training while it runs. */
@NullMarked
package org.nautile.models.report;

import org.jspecify.annotations.NullMarked;
