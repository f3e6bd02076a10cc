package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.DataLocation;
import org.nautile.models.memory.Cell;
import org.nautile.models.series.CsvColumn;
import org.nautile.models.series.Forecasters;
import org.nautile.models.series.RollingOrigin;
import org.nautile.models.series.Scaling;
import org.nautile.models.series.Series;
import org.nautile.models.series.Windows;
import org.nautile.optim.Trainer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Recurrent networks that forecast a series of numbers: plain, LSTM (Hochreiter and Schmidhuber 1997) and GRU (Cho et
 * al. 2014). They are measured on the last fifth, beside forecasts that need no learning.
 */
public final class TimeSeries implements Model {
    private static final int SINE_SIZE = 1500;
    private static final int QUICK_WINDOWS = 600;
    private static final int LONGEST = 10_000;

    @Option(
            names = "--series",
            paramLabel = "NAME",
            description = "sunspots, airline, temperatures or sine, which is drawn. Default: sunspots, or sine where"
                    + " there is no data.")
    Series.@Nullable Known series;

    @Option(names = "--csv", paramLabel = "FILE", description = "Forecast a column of this CSV file. Default: none.")
    @Nullable
    Path csv;

    @Option(names = "--column", paramLabel = "NAME", description = "The column of --csv, by its name. Default: none.")
    @Nullable
    String column;

    @Option(
            names = "--cell",
            split = ",",
            paramLabel = "NAME",
            description = "rnn, lstm, gru: one or several, which learn side by side. Default: rnn,lstm,gru.")
    List<Cell> cells = List.of(Cell.values());

    @Option(names = "--hidden", paramLabel = "N", description = "Units of each network. Default: ${DEFAULT-VALUE}.")
    int hidden = 32;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Numbers that a forecast is made of. Default: the series's own; 36 for --csv.")
    @Nullable
    Integer window;

    @Option(
            names = "--horizon",
            paramLabel = "N",
            description = "Numbers to forecast at once. Default: the series's own; 12 for --csv.")
    @Nullable
    Integer horizon;

    @Option(
            names = "--season",
            paramLabel = "N",
            description = "For the seasonal naive forecast: after how many numbers a series is much the same again."
                    + " Default: the series's own; 12 for --csv.")
    @Nullable
    Integer season;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public TimeSeries() {}

    @Override
    public void check() {
        Options.distinct("--cell", cells);
        Options.fromOne("--hidden", hidden, LONGEST);
        Options.fromOne("--window", window, LONGEST);
        Options.fromOne("--horizon", horizon, LONGEST);
        Options.fromOne("--season", season, LONGEST);
        if ((csv == null) != (column == null)) {
            throw new IllegalArgumentException("--csv and --column go together");
        }
        if (csv != null && series != null) {
            throw new IllegalArgumentException("--csv and --series exclude each other");
        }
        techniques.check();
    }

    /** What is forecast, and what it is called. */
    private record Source(String text, Series series) {}

    private Source source(Run run) throws IOException {
        if (csv != null && column != null) {
            return of(csv + ", column " + column, csv, new Series(column, CsvColumn.read(csv, column), 36, 12, 12));
        }
        Series.Known wanted = series == null ? Series.Known.SUNSPOTS : series;
        if (wanted != Series.Known.SINE) {
            Optional<Path> folder = DataLocation.find(Series.DATA, run.data(), wanted::isIn);
            if (folder.isPresent()) {
                Path file = wanted.in(folder.get());
                return of(wanted + " from " + file, file, wanted.load(folder.get()));
            }
            if (series != null) {
                throw new IOException("no data of the series " + wanted + " found; --data names the folder that holds "
                        + Series.DATA);
            }
        }
        return of("a drawn noisy sine, not real data", Path.of("sine"), Series.sine(run.seed(), SINE_SIZE));
    }

    /** The series with the window, horizon and season that the user wants. */
    private Source of(String text, Path file, Series own) throws IOException {
        int reach = window == null ? own.window() : window;
        int ahead = horizon == null ? own.horizon() : horizon;
        int wave = season == null ? own.season() : season;
        Series chosen = new Series(own.name(), own.values(), reach, ahead, wave).require(file);
        if (wave > chosen.trainSize()) {
            throw new IOException(
                    "--season " + wave + " is longer than the part to learn from, " + chosen.trainSize() + " numbers");
        }
        return new Source(text, chosen);
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: four fifths to learn from, scaled by what is known of them alone
        Source source = source(run);
        Series values = source.series();
        Scaling scaling = Scaling.of(values);
        int most = run.quick() ? QUICK_WINDOWS : Integer.MAX_VALUE;
        Windows windows = Windows.train(values, scaling, Math.min(most, run.limit()));

        // the networks
        try (Forecasters model = new Forecasters(cells, hidden, values.window(), values.horizon(), run.seed())) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "%s: %d windows of %d to train on, %d forecasts of %d to test",
                            source.text(),
                            windows.size(),
                            values.window(),
                            values.origins(),
                            values.horizon()),
                    model.parameterCount());

            // the loop
            Trainer.Builder trainer = techniques
                    .trainer(run, model, windows)
                    .objective(batch -> model.forward(batch.x()))
                    .measure("rmse", () -> model.score(values, scaling, run.device()));
            Map<Cell, double[]> before = gradients(model, windows, run.device());
            run.train(trainer, model);
            if (run.interrupted()) {
                return;
            }

            // what they learnt
            model.train(false);
            Map<String, RollingOrigin> forecasts = new LinkedHashMap<>();
            model.forecast(values, scaling, run.device())
                    .forEach((cell, forecast) -> forecasts.put(cell.toString(), forecast));
            forecasts.put("last value", RollingOrigin.lastValue(values));
            forecasts.put("seasonal", RollingOrigin.seasonal(values));
            run.picture("forecast.png", SeriesPictures.forecast(values, forecasts));
            run.picture("gradients.png", SeriesPictures.gradients(before, gradients(model, windows, run.device())));
            run.result("test rmse "
                    + forecasts.entrySet().stream()
                            .map(entry -> String.format(
                                    Locale.ROOT, "%.4g (%s)", entry.getValue().rmse(), entry.getKey()))
                            .collect(Collectors.joining(", ")));
        }
    }

    /** The norms of the gradients by what is read, in the first training windows. */
    private static Map<Cell, double[]> gradients(Forecasters model, Windows windows, Device device) {
        Map<Cell, double[]> norms = new EnumMap<>(Cell.class);
        try (Scope scope = new Scope();
                DataLoader loader = new DataLoader(windows, Math.min(windows.size(), 256), device, false, 0);
                Batch batch = loader.epoch(1).iterator().next()) {
            model.networks().forEach((cell, network) -> norms.put(cell, network.gradientNorms(batch.x())));
        }
        return norms;
    }

    @Override
    public Trial trial() {
        hidden = 8;
        return new Trial(12, 16, 0.001);
    }

    @Override
    public String name() {
        return "time-series";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "RNN, LSTM and GRU forecast sunspots and other series";
    }

    @Override
    public long parameters() {
        return 10_148;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(30, 32, 0.002);
    }
}
