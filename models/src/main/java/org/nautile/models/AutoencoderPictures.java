package org.nautile.models;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Dataset;
import org.nautile.data.ImageDataset;
import org.nautile.models.SideBySide.Member;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Row;
import org.nautile.models.metrics.RocCurve;

/** The pictures of {@link Autoencoder}, and the figures in them. */
final class AutoencoderPictures {
    private static final int SIDE = 28;
    private static final int PIXELS = SIDE * SIDE;

    private final Run run;
    private final ImageDataset test;
    private final List<Integer> codes;
    private final int[] shown; // the first image of each digit

    /**
     * Pictures.
     *
     * @param run where they go
     * @param test the test images
     * @param codes the sizes of the networks' codes
     */
    AutoencoderPictures(Run run, ImageDataset test, List<Integer> codes) {
        this.run = run;
        this.test = test;
        this.codes = codes;
        this.shown = Arrays.stream(test.byClass())
                .filter(members -> members.length > 0)
                .mapToInt(members -> members[0])
                .toArray();
    }

    /** Draws reconstructions.png and rate-error.png; an error for each network. */
    void reconstructions(List<Member> members, Dataset rows, double[] error) throws IOException {
        ImageGrid grid = new ImageGrid(
                "Reconstructions",
                "test digits, and what is left of them in codes of fewer and fewer numbers",
                shown.length);
        for (int i : shown) {
            add(grid, row(rows, i, 0), "digit " + test.label(i), PIXELS + " numbers");
        }
        for (int m = members.size() - 1; m >= 0; m--) {
            for (int i : shown) {
                float[] image = row(rows, i, 0);
                float[] said = said(members.get(m), image);
                add(grid, said, "code of " + codes.get(m), decibels("%.1f dB", 1 / error(said, image)));
            }
        }
        run.picture("reconstructions.png", grid);
        double[] decibels =
                Arrays.stream(error).map(mse -> 10 * Math.log10(1 / mse)).toArray();
        run.picture(
                "rate-error.png",
                new Row(
                        "What a code of more numbers is worth",
                        new LineChart("Error", "numbers in the code", "mean squared error on the test set")
                                .add("error", sizes(), error),
                        new LineChart("Signal to noise", "numbers in the code", "peak signal to noise, dB")
                                .add("dB", sizes(), decibels)));
    }

    /** Draws denoised.png and, for several codes, gain.png; a gain in dB for each network. */
    void denoised(List<Member> members, Dataset rows, double[] gain) throws IOException {
        int best = best(gain);
        Member member = members.get(best);
        ImageGrid grid = new ImageGrid(
                "Denoising",
                String.format(
                        Locale.ROOT,
                        "what is read, what a code of %d numbers makes of it, and what it was; %.1f dB gained on the test set",
                        codes.get(best),
                        gain[best]),
                shown.length);
        for (int i : shown) {
            add(grid, row(rows, i, 0), "noisy", decibels("%.1f dB", 1 / error(row(rows, i, 0), row(rows, i, 1))));
        }
        for (int i : shown) {
            float[] said = said(member, row(rows, i, 0));
            add(grid, said, "denoised", decibels("%.1f dB", 1 / error(said, row(rows, i, 1))));
        }
        for (int i : shown) {
            add(grid, row(rows, i, 1), "clean", "");
        }
        run.picture("denoised.png", grid);
        if (members.size() > 1) {
            run.picture(
                    "gain.png",
                    new LineChart("Denoising", "numbers in the code", "gain on the test set, dB")
                            .add("gain", sizes(), gain));
        }
    }

    /**
     * Draws roc-pr.png and lookalikes.png for the best code and, for several codes, auroc.png.
     *
     * @param errors of each network, ten digits of the first code, ten of the second, ..., on each test image
     * @return the mean AUROC of the ten networks of each code
     */
    double[] anomalies(double[][] errors) throws IOException {
        int digits = errors.length / codes.size();
        double[] auroc = new double[codes.size()];
        for (int c = 0; c < auroc.length; c++) {
            for (int digit = 0; digit < digits; digit++) {
                auroc[c] += curve(errors[c * digits + digit], digit).auroc() / digits;
            }
        }
        int best = best(auroc);
        LineChart roc = new LineChart("ROC, and the area under it", "usual digits called anomalies", "anomalies found");
        LineChart pr = new LineChart(
                "Precision over recall, and the area", "anomalies found", "right among those called anomalies");
        double[][] pairs = new double[digits][digits];
        for (int digit = 0; digit < digits; digit++) {
            double[] error = errors[best * digits + digit];
            RocCurve curve = curve(error, digit);
            roc.add(label(digit, curve.auroc()), curve.falsePositiveRate(), curve.recall());
            pr.add(label(digit, curve.averagePrecision()), curve.recall(), curve.precision());
            for (int other = 0; other < digits; other++) {
                pairs[digit][other] = other == digit ? Double.NaN : pair(error, digit, other);
            }
        }
        String title = String.format(
                Locale.ROOT,
                "Anomalies by a network that knows one digit (code of %d): mean AUROC %.3f",
                codes.get(best),
                auroc[best]);
        run.picture(
                "roc-pr.png",
                new Row(title, roc.percent().legendOutside(), pr.percent().legendOutside()));
        run.picture("lookalikes.png", lookalikes(pairs));
        if (codes.size() > 1) {
            run.picture(
                    "auroc.png",
                    new LineChart("Anomalies", "numbers in the code", "mean one-class AUROC")
                            .add("AUROC", sizes(), auroc));
        }
        return auroc;
    }

    private static String label(int digit, double area) {
        return String.format(Locale.ROOT, "%d: %.3f", digit, area);
    }

    /** How well the error of the network of a digit tells other digits from it. */
    private RocCurve curve(double[] error, int digit) {
        boolean[] anomaly = new boolean[error.length];
        for (int i = 0; i < anomaly.length; i++) {
            anomaly[i] = test.label(i) != digit;
        }
        return new RocCurve(error, anomaly);
    }

    /** The AUROC with one other digit alone. */
    private double pair(double[] error, int digit, int other) {
        int[] both = IntStream.range(0, error.length)
                .filter(i -> test.label(i) == digit || test.label(i) == other)
                .toArray();
        boolean[] anomaly = new boolean[both.length];
        for (int i = 0; i < anomaly.length; i++) {
            anomaly[i] = test.label(both[i]) == other;
        }
        return new RocCurve(Arrays.stream(both).mapToDouble(i -> error[i]).toArray(), anomaly).auroc();
    }

    private static MatrixChart lookalikes(double[][] pairs) {
        int digits = pairs.length;
        double[][] shades = new double[digits][digits];
        String[][] texts = new String[digits][digits];
        for (int r = 0; r < digits; r++) {
            for (int c = 0; c < digits; c++) {
                shades[r][c] = r == c ? 0 : Math.max(0, Math.min(1, 2 * (1 - pairs[r][c])));
                texts[r][c] = r == c ? "" : String.format(Locale.ROOT, "%.2f", pairs[r][c]);
            }
        }
        List<String> names = Digits.names(digits);
        return new MatrixChart(
                "Which digit passes for which",
                "AUROC of the error of a network that knows the digit of the row, for the digit of the column against it: "
                        + "1 where it is always found, 0.5 or less (dark) where the network cannot tell.",
                "known",
                "anomaly",
                names,
                names,
                shades,
                texts);
    }

    private static int best(double[] values) {
        return IntStream.range(0, values.length).reduce(0, (best, i) -> values[i] > values[best] ? i : best);
    }

    private double[] sizes() {
        return codes.stream().mapToDouble(code -> code).toArray();
    }

    private static String decibels(String format, double ratio) {
        return String.format(Locale.ROOT, format, 10 * Math.log10(ratio));
    }

    private static void add(ImageGrid grid, float[] pixels, String first, String second) {
        grid.add(pixels, 1, SIDE, SIDE, first, second);
    }

    /** A row of an example, as {@link Autoencoder} measured it. */
    private static float[] row(Dataset rows, int index, int row) {
        float[] all = new float[(int) rows.sampleShape().size()];
        rows.example(index, 1, all, 0, new long[1], 0);
        return Arrays.copyOfRange(all, row * PIXELS, (row + 1) * PIXELS);
    }

    private float[] said(Member member, float[] image) {
        try (Scope scope = new Scope();
                Autograd.Pause pause = Autograd.noGrad()) {
            return member.network()
                    .forward(Tensor.of(run.device(), image, Shape.of(1, PIXELS)))
                    .toFloatArray();
        }
    }

    private static double error(float[] said, float[] wanted) {
        double sum = 0;
        for (int i = 0; i < said.length; i++) {
            double difference = (double) said[i] - wanted[i];
            sum += difference * difference;
        }
        return sum / said.length;
    }
}
