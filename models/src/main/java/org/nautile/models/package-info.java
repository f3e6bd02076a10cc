/** The course's models: one class each, to be read from top to bottom. */
@NullMarked
package org.nautile.models;

import org.jspecify.annotations.NullMarked;
