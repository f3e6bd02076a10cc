package org.nautile.models.cli;

import picocli.CommandLine.Command;

/** Fetches a data set from its publisher. */
@Command(name = "download", header = "Fetch a data set from its publisher.")
public final class DownloadCommand implements Subcommand {
    /** For {@link java.util.ServiceLoader}. */
    public DownloadCommand() {}

    @Override
    public Integer call() {
        return 0;
    }
}
