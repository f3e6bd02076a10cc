package org.nautile.models.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import org.nautile.data.DataLocation;
import org.nautile.data.DataSource;
import org.nautile.io.Download;
import org.nautile.io.DownloadException;
import org.nautile.io.RemoteFile;
import org.nautile.models.comparison.Figures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fetches a data set or a model from its publisher. */
@Command(
        name = "download",
        sortOptions = false,
        header = "Fetch a data set or a model from its publisher.",
        description = {
            "A file that is there with the right SHA-256 is kept. A new one appears under its name only when it is complete"
                    + " and its SHA-256 is right.",
            "",
            "Behind a proxy, set in the environment:",
            "  NAUTILE_JAVA_OPTS=\"-Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT\""
        },
        parameterListHeading = "%n")
public final class DownloadCommand implements Subcommand {
    private final List<DataSource> sources;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "NAME",
            completionCandidates = Names.class,
            description = "The data set or model: ${COMPLETION-CANDIDATES}.")
    private String name = "";

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the files, made if missing. Default: a folder of the data set's name in "
                    + "$XDG_CACHE_HOME/nautile, or else in ~/.cache/nautile, where nautile train finds it.")
    private @Nullable Path out;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "Address of a folder that holds the files: http, https or file. Given several times, they are "
                            + "tried in order. Default: the publisher's mirrors.")
    private List<URI> urls = new ArrayList<>();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait for an answer, and for each further piece of it. Default: 30.")
    private int timeout = 30;

    @Option(names = "--force", description = "Fetch files that are there already, too. Default: off.")
    private boolean force;

    /** For the help text. */
    private static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return DataSource.all().stream().map(DataSource::name).iterator();
        }
    }

    /** For {@link java.util.ServiceLoader}. */
    public DownloadCommand() {
        this(DataSource.all());
    }

    DownloadCommand(List<DataSource> sources) {
        this.sources = sources;
    }

    @Override
    public Integer call() throws IOException {
        DataSource source = source();
        checkOptions();
        Path folder = out != null ? out : DataLocation.cache().resolve(source.name());
        List<RemoteFile> wanted = new ArrayList<>();
        for (RemoteFile file : source.files()) {
            if (force || !file.isIn(folder)) {
                wanted.add(file);
            }
        }
        if (!wanted.isEmpty()) { // a complete data set may lie where nothing can be written
            OutputFiles.checkFolder(folder);
        }
        try (Interrupts.Stoppable stoppable = Interrupts.onInterrupt(Thread.currentThread()::interrupt)) {
            return fetch(source, wanted, folder);
        }
    }

    private DataSource source() {
        List<String> names = sources.stream().map(DataSource::name).toList();
        if (!names.contains(name)) {
            String hint = Nearest.hint(name, names);
            throw new ParameterException(
                    spec.commandLine(),
                    "unknown data set " + name + (hint.isEmpty() ? "; there are " + String.join(", ", names) : hint));
        }
        return sources.get(names.indexOf(name));
    }

    private void checkOptions() {
        Refusal.below(1, "--timeout", timeout, spec.commandLine());
        for (URI url : urls) {
            if (url.isOpaque() || !List.of("http", "https", "file").contains(String.valueOf(url.getScheme()))) {
                throw new ParameterException(
                        spec.commandLine(), "--url " + url + " begins with none of http://, https:// and file:/");
            }
        }
    }

    private int fetch(DataSource source, List<RemoteFile> wanted, Path folder) {
        PrintWriter lines = spec.commandLine().getOut();
        Download download = new Download(Duration.ofSeconds(timeout));
        int there = source.files().size() - wanted.size();
        for (RemoteFile file : source.files()) {
            if (!wanted.contains(file)) {
                lines.println(file.name() + ": already there, with the right SHA-256");
                continue;
            }
            try {
                URI from = fetch(download, urls.isEmpty() ? source.mirrors() : urls, file, folder);
                lines.println(file.name() + ": " + Figures.grouped(file.bytes()) + " bytes from " + from);
                lines.flush();
                there++;
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    Interrupts.report(there + " of " + source.files().size() + " files are in " + folder);
                    return Main.INTERRUPTED;
                }
                throw e instanceof DownloadException
                        ? new CommandException("cannot fetch " + e.getMessage(), e)
                        : OutputFiles.failure(folder.resolve(file.name()), e);
            }
        }
        boolean found = DataLocation.searched(source.name()).contains(folder);
        lines.println(source.name() + " is in " + folder + (found ? "" : "; --data " + folder + " finds it there"));
        return 0;
    }

    private URI fetch(Download download, List<URI> bases, RemoteFile file, Path folder) throws IOException {
        if (!Terminal.of(spec).err()) {
            return download.fetch(bases, file, folder, received -> {});
        }
        try (ProgressBar bar = Progress.bar(file.name(), file.bytes() >> 10, "KiB")) {
            return download.fetch(bases, file, folder, received -> bar.stepTo(received >> 10));
        }
    }
}
