// %% [markdown]
// # Hands-on 2: evaluate a U-Net, compare CPU and GPU
//
// Which pixels of a microscope image are cell nuclei? A U-Net gives each pixel a probability. This practical trains one, asks how good
// it *really* is, and then how fast it trains on the devices of this machine.
//
// You need about 40 minutes, of which the computer takes some five (a GPU far less).

// %%
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Generator;
import org.nautile.data.DataLocation;
import org.nautile.models.MnistMlp;
import org.nautile.models.Model;
import org.nautile.models.Unet;
import org.nautile.models.charts.BarChart;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Row;
import org.nautile.models.comparison.DeviceTrial;
import org.nautile.models.comparison.DeviceTrials;
import org.nautile.models.comparison.Figures;
import org.nautile.models.comparison.FirstSteps;
import org.nautile.models.comparison.Verdict;
import org.nautile.models.metrics.Confusion;
import org.nautile.models.metrics.ThresholdSweep;
import org.nautile.models.segmentation.Clusters;
import org.nautile.models.segmentation.Crops;
import org.nautile.models.segmentation.LabelledImage;
import org.nautile.models.segmentation.Nuclei;
import org.nautile.models.segmentation.PixelLoss;
import org.nautile.models.segmentation.Segmentation;
import org.nautile.models.segmentation.Segmenter;
import org.nautile.models.segmentation.Tiles;
import org.nautile.optim.Adam;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;

// %% [program]
class HandsOn2Unet extends Practical {
    public static void main(String... args) throws Exception {

        // %% [markdown]
        // ## 1. Figures for yes and no
        //
        // Answers are right or wrong in four ways: true positives (TP), false positives (FP), false negatives (FN), true negatives (TN).
        //
        // $$\text{accuracy} = \frac{TP + TN}{\text{all}} \quad \text{precision} = \frac{TP}{TP + FP} \quad \text{recall} = \frac{TP}{TP +
        // FN} \quad F_1 = \frac{2\,TP}{2\,TP + FP + FN} \quad \text{IoU} = \frac{TP}{TP + FP + FN}$$
        //
        // The course's two examples: 100 patients, of whom 20 are ill; 100 operations, of which 20 pay.

        // %%
        Confusion patients = new Confusion(10, 1, 10, 79); // TP, FP, FN, TN
        Confusion operations = new Confusion(19, 15, 1, 65);
        for (Confusion c : List.of(patients, operations)) {
            System.out.println(String.format(
                    Locale.ROOT,
                    "accuracy %.2f, precision %.3f, recall %.2f, F1 %.3f, IoU %.3f",
                    c.accuracy(),
                    c.precision(),
                    c.recall(),
                    c.f1(),
                    c.iou()));
        }

        // %% [markdown]
        // **Question 1.** Which figure matters to the patients, and which to whoever pays for the operations? What is the accuracy of
        // a test that says "healthy" to everybody?
        //
        // <details><summary>Answer</summary>
        //
        // Patients: recall, as half of the ill are sent home although the accuracy is 0.89. Operations: precision, as 15 of 34 lose money,
        // although hardly any good one is missed. "Healthy" to everybody has the accuracy 0.80 and finds nobody.
        //
        // </details>

        // %% [markdown]
        // ## 2. The data
        //
        // Fluorescence images with a label map: which pixels belong to which nucleus. They are read from the folder `nuclei-dsb2018` in
        // the data folder (DSB 2018's or S-BSST265's layout); without it, drawn nuclei stand in.

        // %%
        boolean quick = Boolean.getBoolean("nautile.quick"); // little data: to check the notebook
        Optional<Path> folder = DataLocation.find(Nuclei.NAME, null, Nuclei::isIn);
        Nuclei nuclei = (folder.isPresent() ? Nuclei.load(folder.get()) : Nuclei.generate(1, 60, 12, quick ? 64 : 256))
                .limit(quick ? 12 : 60, quick ? 3 : 12);
        System.out.println(folder.map(path -> "nuclei from " + path).orElse("drawn nuclei, not real ones") + ": " + nuclei);

        ImageGrid examples = new ImageGrid("Training images", "and their masks", 4, 168);
        for (LabelledImage image : nuclei.train().subList(0, 4)) {
            examples.add(image.normalised().pixels(), 1, image.height(), image.width(), "image", image.objects() + " nuclei");
        }
        for (LabelledImage image : nuclei.train().subList(0, 4)) {
            float[] mask = new float[image.height() * image.width()];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = image.labels()[i] > 0 ? 1 : 0;
            }
            examples.add(mask, 1, image.height(), image.width(), "mask", "");
        }
        show(examples);

        // %% [markdown]
        // ## 3. Training
        //
        // A U-Net of four levels: on the way down the image gets smaller and the channels more; on the way up each level also sees what
        // was there on the way down. The loss is the binary cross-entropy of each pixel; after each epoch we measure the IoU of whole
        // test images.

        // %%
        int levels = 4;
        int base = quick ? 2 : 8; // channels of the first level; the course has 16
        Unet.Network network = new Unet.Network(levels, base, 1, true, new Generator(1, 0));
        System.out.println(network.parameterCount() + " parameters");
        Segmenter segmenter = new Segmenter(network, 1, new Tiles(768, 7 << levels, 1 << levels));

        Crops crops = new Crops(nuclei.train(), quick ? 32 : 128, 1, false, 1);
        Trainer.of(network)
                .optimizer(new Adam(network, 0.001))
                .objective(batch -> PixelLoss.CE.of(
                        network.forward(PixelLoss.plane(batch.x(), 0)), batch.x(), batch.y()))
                .measure("iou", () -> {
                    Confusion sum = Confusion.NONE;
                    for (LabelledImage image : nuclei.test()) {
                        Segmentation here =
                                segmenter.segment(image.normalised().pixels(), image.height(), image.width());
                        sum = sum.plus(Confusion.of(image.mask(), here.mask()));
                    }
                    return new Score(Double.NaN, sum.iou());
                })
                .batchSize(4)
                .epochs(quick ? 3 : 4)
                .train(crops)
                .build()
                .run()
                .forEach(epoch -> System.out.println(String.format(
                        Locale.ROOT,
                        "epoch %d: training loss %.4f, test IoU %.4f, %.1f s",
                        epoch.epoch(),
                        epoch.trainLoss(),
                        epoch.testMetric(),
                        epoch.seconds())));

        // %% [markdown]
        // ## 4. Evaluation
        //
        // From a probability to yes or no takes a threshold. Sweeping it shows what each figure makes of it. Otsu's method, which
        // learns nothing and only looks for the best grey level to cut at, stands beside the network.

        // %%
        network.train(false);
        ThresholdSweep sweep = new ThresholdSweep();
        Confusion otsu = Confusion.NONE;
        List<Segmentation> answers = new ArrayList<>();
        for (LabelledImage image : nuclei.test()) {
            Segmentation here = segmenter.segment(image.normalised().pixels(), image.height(), image.width());
            answers.add(here);
            boolean[] truth = image.mask();
            for (int i = 0; i < truth.length; i++) {
                sweep.add(truth[i], here.nucleus()[i]);
            }
            otsu = otsu.plus(Confusion.of(truth, Clusters.otsuMask(image.pixels())));
        }
        double[] thresholds = ThresholdSweep.thresholds(100);
        LineChart figures = new LineChart("Threshold sweep", "threshold of the probability", "of all test pixels")
                .add("accuracy", thresholds, sweep.curve(thresholds, Confusion::accuracy))
                .add("precision", thresholds, sweep.curve(thresholds, Confusion::precision))
                .add("recall", thresholds, sweep.curve(thresholds, Confusion::recall))
                .add("IoU", thresholds, sweep.curve(thresholds, Confusion::iou))
                .legendOutside();
        LineChart curve = new LineChart("Precision and recall", "recall", "precision")
                .add("U-Net", sweep.curve(thresholds, Confusion::recall), sweep.curve(thresholds, Confusion::precision))
                .add("Otsu", new double[] {otsu.recall()}, new double[] {otsu.precision()})
                .legendOutside();
        show(new Row("Test images", figures, curve));
        Confusion half = sweep.at(0.5);
        System.out.println(String.format(
                Locale.ROOT,
                "at 0.5: accuracy %.4f, precision %.4f, recall %.4f, F1 %.4f, IoU %.4f (Otsu %.4f)",
                half.accuracy(),
                half.precision(),
                half.recall(),
                half.f1(),
                half.iou(),
                otsu.iou()));
        double best = sweep.best(Confusion::iou);
        System.out.println(String.format(
                Locale.ROOT,
                "best IoU %.4f at %.2f; average precision %.4f",
                sweep.at(best).iou(),
                best,
                sweep.averagePrecision()));

        // %%
        ImageGrid results = new ImageGrid("Test images", "", 4, 168);
        for (int k = 0; k < Math.min(3, answers.size()); k++) {
            LabelledImage image = nuclei.test().get(k);
            int height = image.height();
            int width = image.width();
            float[] truth = new float[height * width];
            float[] said = new float[height * width];
            for (int i = 0; i < truth.length; i++) {
                truth[i] = image.labels()[i] > 0 ? 1 : 0;
                said[i] = answers.get(k).nucleus()[i] >= 0.5 ? 1 : 0;
            }
            results.add(image.normalised().pixels(), 1, height, width, "image", "")
                    .add(truth, 1, height, width, "true", "")
                    .add(answers.get(k).nucleus(), 1, height, width, "probability", "")
                    .add(said, 1, height, width, "predicted", "");
        }
        show(results);

        // %% [markdown]
        // **Question 2.** Why is the accuracy so much higher than the IoU?
        //
        // <details><summary>Answer</summary>
        //
        // Most pixels are background, and to say so is right and easy. Accuracy counts these; the IoU leaves true negatives out.
        //
        // </details>

        // %% [markdown]
        // **Question 3.** The threshold with the best IoU was chosen on the test images. What is wrong with reporting it?
        //
        // <details><summary>Answer</summary>
        //
        // It has been fitted to the very images that are to judge it. A threshold is chosen on validation images; the figure at 0.5, or at
        // that one, is what may be reported.
        //
        // </details>

        // %% [markdown]
        // ## 5. With and without the GPU
        //
        // The same first steps, from the same weights with the same batches, on each device that this machine has: `cpu`, and `cuda` if
        // there is an NVIDIA GPU. `compare` in a terminal does this for any model.

        // %%
        Model model = quick ? new MnistMlp() : new Unet();
        int steps = quick ? 20 : 30;
        DeviceTrials trials = new DeviceTrials(
                model,
                device -> new FirstSteps.Settings(
                        device, 1, model.defaults().batch(), model.defaults().learningRate(), 0, 2_000, true, null),
                steps,
                quick ? 0.2 : 2,
                false,
                System.out::println);
        List<DeviceTrial> done = new ArrayList<>();
        for (String name : List.of("cpu", "cuda")) {
            try {
                done.add(trials.on(Device.of(name)));
            } catch (DeviceException e) {
                System.out.println(name + " is left out: " + e.getMessage());
            }
        }
        if (done.isEmpty()) {
            done.add(trials.on(Device.defaultDevice()));
        }
        BarChart speeds = new BarChart("Training " + model.name(), "examples per second, the median step");
        LineChart losses = new LineChart("First losses", "step", "loss");
        double[] step = new double[steps];
        for (int i = 0; i < steps; i++) {
            step[i] = i + 1;
        }
        for (DeviceTrial trial : done) {
            speeds.add(
                    trial.device().name(),
                    trial.samplesPerSecond(),
                    Figures.grouped(Math.round(trial.samplesPerSecond())));
            losses.add(trial.device().name(), step, trial.losses());
            System.out.println(Verdict.of(trial, Verdict.base(done)));
        }
        show(new Row("Devices", speeds, losses));

        // %% [markdown]
        // **Question 4.** When does a GPU *not* help?
        //
        // <details><summary>Answer</summary>
        //
        // Where a step has little to compute: starting a kernel takes some microseconds whatever it does, and data has to be copied.
        // `./nautile compare mnist-mlp` shows it, and `./nautile crossover matmul` from which size on it changes.
        //
        // </details>

        // %% [markdown]
        // **Question 5.** The losses of the devices are nearly, but not quite, the same. Why?
        //
        // <details><summary>Answer</summary>
        //
        // Sums of floats depend on their order, and each device adds in its own. The differences start at the rounding error and grow with
        // the steps; anything larger would be a bug.
        //
        // </details>

        // %% [markdown]
        // **To go on.** `./nautile train unet --loss dice` or `--loss shape`, `./nautile train unet --evaluate RUN`, and where a step spends its
        // time: `./nautile train unet --quick --profile`.

        // %% [program]
    }
}
