package org.nautile.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.seq2seq.Task;
import org.nautile.models.seq2seq.Translator;
import org.nautile.optim.EpochResult;

/** How a Transformer learns, and what it attends to, drawn. */
final class TransformerPictures {
    private static final double VISIBLE = 0.05; // weights below it are not written out

    private TransformerPictures() {}

    /** Losses, and the share of texts without a mistake. */
    static Picture curves(List<EpochResult> epochs) {
        return TrainingPictures.curves(
                epochs,
                "train, with dropout",
                "test",
                new LineChart("Loss", "epoch", "cross-entropy, nats per token").logarithmic(),
                new LineChart("Exact match", "epoch", "right texts of the test, greedy").percent());
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
                "Attention while writing " + text,
                "Weights of the decoder's last layer, the mean of its heads: what it attends to in the source when it"
                        + " writes a token. A row has the sum 1." + (columns.contains("_") ? " _ is a blank." : ""),
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
