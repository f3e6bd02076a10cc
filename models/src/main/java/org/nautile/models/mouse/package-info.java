/** The Mouse Game: the board and its rules, players, the memory of what they lived through, and pictures of games. */
@NullMarked
package org.nautile.models.mouse;

import org.jspecify.annotations.NullMarked;
