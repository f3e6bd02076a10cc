package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a page of a training, or of two with their curves laid over each other. */
@Command(
        name = "report",
        sortOptions = false,
        header = "Show a training, or two of them beside each other, as a page for a browser.",
        description = {
            "Writes index.html: results, curves, settings, and the pictures of the folders. The page holds all it shows and"
                    + " loads nothing, so it can be opened offline and sent by mail.",
            "",
            "With RUN2 the curves of both are laid over each other, and what they differ in comes first. nautile train"
                    + " writes the page of its own training by itself."
        },
        parameterListHeading = "%n")
public final class ReportCommand implements Subcommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a training: that of its --out.")
    private Path first = Path.of("");

    @Parameters(index = "1", arity = "0..1", paramLabel = "RUN2", description = "Another. Default: none.")
    private @Nullable Path second;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for index.html, made if missing. Default: RUN, or with RUN2 its folder beside-RUN2.")
    private @Nullable Path out;

    /** For {@link java.util.ServiceLoader}. */
    public ReportCommand() {}

    @Override
    public Integer call() throws IOException {
        List<RunHistory> runs = new ArrayList<>(List.of(RunHistory.of(first)));
        Path folder = first;
        if (second != null) {
            RunHistory other = RunHistory.of(second);
            runs.add(other);
            folder = first.resolve("beside-" + other.name());
        }
        if (out != null) {
            folder = out;
        }
        OutputFiles.checkFolder(folder);
        List<List<Path>> pictures = new ArrayList<>();
        for (RunHistory run : runs) {
            pictures.add(run.pictures());
        }
        Path page = new RunReport(runs).page(CommandText.of(spec), pictures).write(folder);
        spec.commandLine().getOut().println("page: " + page);
        return 0;
    }
}
