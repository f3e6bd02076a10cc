package org.nautile.models;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.seq2seq.Task;
import org.nautile.models.seq2seq.Translator;
import org.nautile.models.seq2seq.Translator.Written;
import org.nautile.nn.Module;

/** Translates texts, and draws what it attends to. */
record TranslatorPredictor(Translator translator, int beam) implements Predictor {
    private static final double VISIBLE = 0.05; // weights below it are not written out

    @Override
    public Module network() {
        return translator.network();
    }

    @Override
    public Supplier<Answer> read(String text, boolean inverted) throws IOException {
        try {
            translator.network().sizes().task().read(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + text + "': " + e.getMessage(), e);
        }
        return () -> {
            network().train(false);
            Written written = translator.write(List.of(text), beam).get(0);
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("text", written.text());
            values.put("probability", written.probability());
            return new Answer(
                    String.format(Locale.ROOT, "%s (%.4f)", written.text(), written.probability()),
                    values,
                    Optional.of(attention(translator, text, written.text())));
        };
    }

    /** What the last layer of the decoder attends to while it writes. */
    static Picture attention(Translator translator, String source, String text) {
        Task task = translator.network().sizes().task();
        double[][] weights = translator.attention(source, text);
        List<String> rows = new ArrayList<>(labels(task.write(text), task.target()::token));
        rows.add("end");
        List<String> columns = labels(task.read(source), task.source()::token);
        String[][] texts = new String[rows.size()][columns.size()];
        for (int r = 0; r < texts.length; r++) {
            for (int c = 0; c < texts[r].length; c++) {
                texts[r][c] = weights[r][c] < VISIBLE ? "" : String.format(Locale.ROOT, "%.2f", weights[r][c]);
            }
        }
        return new MatrixChart(
                "Attention: " + source + " -> " + text,
                "Weights of the decoder's last layer, the mean of its heads: what it attends to in the source when it writes"
                        + " a token. A row has the sum 1; _ is a blank.",
                "written",
                "read",
                rows,
                columns,
                weights,
                texts);
    }

    private static List<String> labels(int[] numbers, IntFunction<String> token) {
        return Arrays.stream(numbers)
                .mapToObj(token)
                .map(label -> label.equals(" ") ? "_" : label)
                .toList();
    }
}
