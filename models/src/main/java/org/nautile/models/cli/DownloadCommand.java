package org.nautile.models.cli;
@picocli.CommandLine.Command(name="download",header="x") public final class DownloadCommand implements Subcommand { public Integer call(){return 0;} }
