package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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
     * @param folder where it and the pictures go; made if missing
     * @param spec the command
     * @throws CommandException if nothing can be written to the folder: the reason
     */
    public CommandPage(String title, Path folder, CommandSpec spec) {
        OutputFiles.checkFolder(folder);
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
     * Prints a line that is also a paragraph of the page.
     *
     * @param line plain text
     */
    public void say(String line) {
        command.getOut().println(line);
        command.getOut().flush();
        report.text(line);
    }

    /**
     * Prints a table that is also on the page.
     *
     * @param table the table
     */
    public void show(Table table) {
        table.print(command.getOut());
        command.getOut().flush();
        table.addTo(report);
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
        Optional<String> obstacle = Picture.obstacle();
        if (obstacle.isPresent()) {
            command.getErr().println("nautile: no picture: " + obstacle.get() + "; " + Picture.REMEDY);
            return;
        }
        Path file = folder.resolve(name);
        try {
            picture.write(file);
            command.getOut().println("picture: " + file);
            report.picture(file, caption);
        } catch (IOException e) {
            throw OutputFiles.failure(file, e);
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
