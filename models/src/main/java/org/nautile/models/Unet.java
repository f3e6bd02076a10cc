package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLocation;
import org.nautile.models.segmentation.Crops;
import org.nautile.models.segmentation.Nuclei;
import org.nautile.models.segmentation.PixelLoss;
import org.nautile.models.segmentation.Segmenter;
import org.nautile.models.segmentation.Tiles;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.ConvTranspose2d;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.ConcatOp;
import org.nautile.optim.EpochResult;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A U-Net that says which pixels of a microscope image are nuclei; Ronneberger, Fischer and Brox 2015, arXiv:1505.04597. */
public final class Unet implements Model {
    private static final int LEVELS = 4;
    private static final int MULTIPLE = 1 << LEVELS; // of heights and widths

    @Option(
            names = "--classes",
            paramLabel = "N",
            description = "1: nucleus or not; 3: background, inside, border. Default: ${DEFAULT-VALUE}.")
    int classes = 1;

    @Option(
            names = "--base",
            paramLabel = "N",
            description = "Channels of the first level; each level below has twice as many. Default: ${DEFAULT-VALUE}.")
    int base = 16;

    @Option(
            names = "--loss",
            paramLabel = "NAME",
            description = "ce: cross-entropy, binary or categorical; dice: overlap of masks, of one class; shape:"
                    + " cross-entropy with weights that grow towards the borders of nuclei. Default: ${DEFAULT-VALUE}.")
    PixelLoss loss = PixelLoss.CE;

    @Option(
            names = "--crop",
            paramLabel = "N",
            description = "Side of the crops to train on, a multiple of 16. Default: ${DEFAULT-VALUE}.")
    int crop = 128;

    @Option(
            names = "--tile",
            paramLabel = "N",
            description = "Side of the tiles of larger images, a multiple of 16 above 224. Default: ${DEFAULT-VALUE}.")
    int tile = 768;

    @Option(
            names = "--evaluate",
            paramLabel = "DIR",
            description = "Only evaluate what was trained into this folder. Default: train, then evaluate.")
    @Nullable
    Path evaluate;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public Unet() {}

    /**
     * The network: on each level two convolutions, then half the height and width and twice the channels; from the lowest level up
     * again, each time beside what was there on the way down. Parameters have the names d0, d1, ..., mid, ..., u1, c1, u0, c0, out.
     */
    public static final class Network extends Module {
        private final List<Module> down = new ArrayList<>();
        private final Module middle;
        private final List<Module> up = new ArrayList<>();
        private final List<Module> merged = new ArrayList<>();
        private final Module out;
        private final Module pool = new MaxPool2d(2);

        /**
         * A new network.
         *
         * @param levels times that height and width are halved
         * @param base channels of the first level
         * @param outputs channels of the result
         * @param norm whether a batch norm follows each convolution
         * @param random draws the first weights
         */
        public Network(int levels, int base, int outputs, boolean norm, Generator random) {
            for (int level = 0; level < levels; level++) {
                int in = level == 0 ? 1 : base << (level - 1);
                down.add(child("d" + level, twice(in, base << level, norm, random)));
            }
            middle = child("mid", twice(base << (levels - 1), base << levels, norm, random));
            for (int level = levels - 1; level >= 0; level--) {
                int here = base << level;
                ConvOptions doubling = ConvOptions.kernel(2).stride(2);
                up.add(child("u" + level, new ConvTranspose2d(2 * here, here, doubling, random)));
                merged.add(child("c" + level, twice(2 * here, here, norm, random)));
            }
            out = child("out", new Conv2d(base, outputs, 1, random));
        }

        private static Module twice(int in, int out, boolean norm, Generator random) {
            List<Module> layers = new ArrayList<>();
            for (int channels : new int[] {in, out}) {
                layers.add(new Conv2d(channels, out, ConvOptions.kernel(3).padding(1), random));
                if (norm) {
                    layers.add(new BatchNorm2d(out));
                }
                layers.add(Activation.relu());
            }
            return new Sequential(layers.toArray(Module[]::new));
        }

        /** Images [N,1,H,W], H and W multiples of {@code 2^levels}, to logits [N,outputs,H,W]. */
        @Override
        public Tensor forward(Tensor x) {
            Deque<Tensor> skipped = new ArrayDeque<>();
            Tensor y = x;
            for (Module level : down) {
                y = level.forward(y);
                skipped.push(y);
                y = pool.forward(y);
            }
            y = middle.forward(y);
            for (int i = 0; i < up.size(); i++) {
                Tensor raised = up.get(i).forward(y);
                y = merged.get(i).forward(Autograd.apply(new ConcatOp(1), skipped.pop(), raised));
            }
            return out.forward(y);
        }

        /** How far a result depends on pixels, at most: convolutions up and down, and where windows of two begin. */
        static int reach(int levels) {
            return 7 << levels;
        }
    }

    @Override
    public void check() {
        if (classes != 1 && classes != 3) {
            throw new IllegalArgumentException("--classes " + classes + " is neither 1 nor 3");
        }
        if (loss == PixelLoss.DICE && classes != 1) {
            throw new IllegalArgumentException("--loss dice is for --classes 1");
        }
        Options.atLeast("--base", base, 1);
        if (crop < MULTIPLE || crop % MULTIPLE != 0) {
            throw new IllegalArgumentException("--crop " + crop + " is not a multiple of " + MULTIPLE);
        }
        int least = 2 * Network.reach(LEVELS);
        if (tile % MULTIPLE != 0 || tile <= least) {
            throw new IllegalArgumentException("--tile " + tile + " is not a multiple of 16 above " + least);
        }
        techniques.check();
    }

    private Segmenter segmenter(Network network) {
        return new Segmenter(network, classes, new Tiles(tile, Network.reach(LEVELS), MULTIPLE));
    }

    /** The loss of a batch of {@link Crops}. */
    Tensor objective(Network network, Batch batch) {
        return loss.of(network.forward(PixelLoss.plane(batch.x(), 0)), batch.x(), batch.y());
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: microscope images, or drawn ones of the same kind
        Optional<Path> folder = DataLocation.find(Nuclei.NAME, run.data(), Nuclei::isIn);
        Nuclei all = folder.isPresent() ? Nuclei.load(folder.get()) : Nuclei.generate(run.seed(), 100, 20, 256);
        int most = run.quick() ? 8 : Integer.MAX_VALUE;
        Nuclei nuclei = all.limit(Math.min(run.limit(), most), most / 2);
        Crops train = new Crops(nuclei.train(), crop, classes, loss.weighted(), run.seed());

        try (Network network = new Network(LEVELS, base, classes, true, new Generator(run.seed(), 0))) {
            String source = folder.map(path -> "nuclei from " + path).orElse("drawn nuclei, not real ones");
            run.describe(source + ": " + nuclei + ", in crops " + train.size(), network.parameterCount());
            UnetEvaluation test = new UnetEvaluation(segmenter(network), nuclei.test(), loss);
            List<EpochResult> epochs = List.of(); // steps on crops, and after each the whole test images
            if (evaluate != null) {
                Weights.load(network, "unet with these options", evaluate.resolve(Weights.FILE));
            } else {
                epochs = run.train(
                        techniques
                                .trainer(run, network, train)
                                .objective(batch -> objective(network, batch))
                                .measure("iou", test::score),
                        network);
            }
            test.report(run, epochs);
        }
    }

    @Override
    public Trial trial() {
        base = 2;
        crop = 32;
        return new Trial(3, 2, 1e-3);
    }

    @Override
    public Optional<Predictor> predictor() {
        return Optional.of(new UnetPredictor(segmenter(new Network(LEVELS, base, classes, true, new Generator(0, 0)))));
    }

    @Override
    public String name() {
        return "unet";
    }

    @Override
    public String part() {
        return "IV Applications";
    }

    @Override
    public String summary() {
        return "U-Net that finds nuclei in microscope images";
    }

    @Override
    public long parameters() {
        return 1_943_761;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(4, 4, 1e-3);
    }
}
