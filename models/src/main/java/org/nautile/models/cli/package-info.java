/** The command line {@code nautile}: {@link org.nautile.models.cli.Main} and its subcommands. */
@NullMarked
package org.nautile.models.cli;

import org.jspecify.annotations.NullMarked;
