package org.nautile.models.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.nautile.models.Activations;
import org.nautile.models.Activations.Curve;
import org.nautile.models.Activations.Page;
import org.nautile.models.charts.Captioned;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the course's activation functions. */
@Command(
        name = "activations",
        sortOptions = false,
        header = "Show the course's activation functions with their derivatives.",
        description =
                "Prints a line for each: values, derivatives and what it is for; and draws activations.png. Derivatives"
                        + " are those of back-propagation.")
public final class ActivationsCommand implements Subcommand {
    private static final int COLUMNS = 4;
    private static final int REACH = 4; // drawn from minus this to this
    private static final int STEPS = 100; // between whole numbers, in the picture
    private static final float[] PRINTED = {-2, 0, 2};

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its picture, activations.png; made if missing."
                    + " Default: runs/activations.")
    private Path out = Path.of("runs", "activations");

    /** For {@link java.util.ServiceLoader}. */
    public ActivationsCommand() {}

    @Override
    public Integer call() {
        device.check();
        CommandPage page = new CommandPage("Activation functions", out, spec);
        device.use();
        Table table = new Table(
                "function", "f(x)", ">f(-2)", ">f(0)", ">f(2)", ">f'(-2)", ">f'(0)", ">f'(2)", "what it is for");
        List<Picture> charts = new ArrayList<>();
        for (Page function : Activations.all()) {
            table.add(row(function));
            charts.add(chart(function));
        }
        table.print(spec.commandLine().getOut());
        page.picture(
                "activations.png",
                new Grid("Activation functions. Blue: f(x). Orange: its derivative", COLUMNS, charts),
                "Each function, and its derivative as back-propagation has it.");
        table.addTo(page.report());
        page.write();
        return 0;
    }

    private static List<String> row(Page page) {
        List<String> row = new ArrayList<>(List.of(page.name(), page.formula()));
        Curve curve = page.at(PRINTED);
        for (double[] numbers : List.of(curve.values(), curve.derivatives())) {
            for (double number : numbers) {
                row.add(String.format(Locale.ROOT, "%.4f", number));
            }
        }
        row.add(page.use());
        return row;
    }

    private static Picture chart(Page page) {
        double[] x = IntStream.rangeClosed(-REACH * STEPS, REACH * STEPS)
                .mapToDouble(i -> (double) i / STEPS)
                .toArray();
        float[] places = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            places[i] = (float) x[i];
        }
        Curve curve = page.at(places);
        LineChart chart = new LineChart(page.name(), "x", "")
                .add("f", x, curve.values())
                .add("f'", x, curve.derivatives())
                .withoutLegend()
                .size(330, 270);
        return new Captioned(chart, page.formula(), page.use());
    }
}
