package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.nautile.models.charts.Picture;
import org.nautile.models.report.HtmlReport;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The page of a command, {@link HtmlReport#FILE}, in the folder of its pictures, which are also in the page. */
public final class CommandPage {
    private final Path folder;
    private final CommandLine command;
    private final HtmlReport report;

    /**
     * A page with nothing on it but what the user typed.
     *
     * @param title what it is about
     * @param folder where it and the pictures go, made by the caller
     * @param spec the command
     */
    public CommandPage(String title, Path folder, CommandSpec spec) {
        this.folder = folder;
        this.command = spec.commandLine();
        this.report = new HtmlReport(title, CommandText.of(spec));
    }

    /**
     * What is on the page.
     *
     * @return takes headings, paragraphs, tables and curves
     */
    public HtmlReport report() {
        return report;
    }

    /**
     * Writes a picture, says where, and puts it on the page; or says why there is none.
     *
     * @param name its file in the folder
     * @param picture what is drawn
     * @param caption what it shows; also for those who cannot see it
     * @throws CommandException if it cannot be written: the reason
     */
    public void picture(String name, Picture picture, String caption) {
        Path file = folder.resolve(name);
        if (!Pictures.write(file, picture, command)) {
            return;
        }
        try {
            report.picture(file, caption);
        } catch (IOException e) {
            throw new CommandException("cannot read " + file + ": " + Failures.reason(e), e);
        }
    }

    /**
     * Writes the page and says where.
     *
     * @throws CommandException if it cannot be written: the reason
     */
    public void write() {
        try {
            command.getOut().println("page: " + report.write(folder));
        } catch (IOException e) {
            throw OutputFiles.failure(folder.resolve(HtmlReport.FILE), e);
        }
    }
}
