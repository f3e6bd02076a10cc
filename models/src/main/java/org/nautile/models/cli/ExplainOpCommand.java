package org.nautile.models.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nautile.models.OpPages;
import org.nautile.models.OpPages.Panel;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.MatrixChart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what an op does with the course's example. */
@Command(
        name = "explain-op",
        sortOptions = false,
        header = "Show what an op does with the course's 8 x 8 example.",
        description = "Prints input, window and output, and draws them.",
        parameterListHeading = "%n")
public final class ExplainOpCommand implements Subcommand {
    private static final int COLUMNS = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "OP", completionCandidates = Names.class, description = "One of ${COMPLETION-CANDIDATES}.")
    private String op = "";

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its picture, OP.png; made if missing."
                    + " Default: runs/explain-op.")
    private Path out = Path.of("runs", "explain-op");

    /** For the help text. */
    private static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return OpPages.names().iterator();
        }
    }

    /** For {@link java.util.ServiceLoader}. */
    public ExplainOpCommand() {}

    @Override
    public Integer call() {
        Nearest.require(spec.commandLine(), "op", List.of(op), OpPages.names());
        device.check();
        CommandPage page = new CommandPage("What " + op + " does", out, spec);
        device.use();
        List<Panel> panels = OpPages.page(op);
        PrintWriter print = spec.commandLine().getOut();
        for (Panel panel : panels) {
            print.println(panel.title() + ": " + panel.note());
            for (float[] row : panel.rows()) {
                StringBuilder line = new StringBuilder();
                for (float value : row) {
                    line.append(String.format(Locale.ROOT, "%8s", text(value)));
                }
                print.println(line);
            }
            print.println();
        }
        List<MatrixChart> charts = panels.stream().map(ExplainOpCommand::chart).toList();
        page.picture(op + ".png", new Grid(op, COLUMNS, charts), "Input, window and output of " + op + ".");
        for (Panel panel : panels) {
            page.report().heading(panel.title());
            page.report().text(panel.note());
            table(panel).addTo(page.report());
        }
        page.write();
        return 0;
    }

    /** The values below the numbers of their columns, from 0. */
    private static Table table(Panel panel) {
        float[][] rows = panel.rows();
        Table table = new Table(Stream.concat(Stream.of("row"), numbers(rows[0].length).stream())
                .toList());
        for (int r = 0; r < rows.length; r++) {
            String[] cells = new String[rows[r].length + 1];
            cells[0] = Integer.toString(r);
            for (int c = 0; c < rows[r].length; c++) {
                cells[c + 1] = text(rows[r][c]);
            }
            table.add(cells);
        }
        return table;
    }

    /** At most three decimals, none that say nothing. */
    private static String text(float value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        return text.replaceFirst("0{1,2}$", "").replaceFirst("^-(0\\.0+)$", "$1");
    }

    private static MatrixChart chart(Panel panel) {
        float[][] rows = panel.rows();
        float largest = 0;
        for (float[] row : rows) {
            for (float value : row) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        double[][] shades = new double[rows.length][rows[0].length];
        String[][] texts = new String[rows.length][rows[0].length];
        for (int r = 0; r < rows.length; r++) {
            for (int c = 0; c < rows[r].length; c++) {
                shades[r][c] = largest == 0 ? 0 : 0.8 * rows[r][c] / largest;
                texts[r][c] = text(rows[r][c]);
            }
        }
        return new MatrixChart(
                panel.title(), panel.note(), "", "", numbers(rows.length), numbers(rows[0].length), shades, texts);
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }
}
