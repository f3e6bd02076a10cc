package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.models.ChannelMatches;
import org.nautile.models.Classifier;
import org.nautile.models.Digits;
import org.nautile.models.ImageFile;
import org.nautile.models.charts.ImageGrid;
import org.nautile.nn.Activation;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.optim.Adam;
import org.nautile.optim.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows which images look alike to a channel of a convolutional network. */
@Command(
        name = "channels",
        sortOptions = false,
        header = "Show which images look alike to single channels of a network.",
        description =
                "Draws channels.png: an image, and for each channel the images of the test set whose outputs of this"
                        + " channel are most similar to the image's (cosine).")
public final class ChannelsCommand implements Subcommand {
    private static final int MATCHES = 4;
    private static final int TRAIN = 3000;
    private static final int EPOCHS = 3;
    private static final int BATCH = 64;
    private static final int WIDTH = 32;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--weights",
            paramLabel = "RUN",
            description =
                    "The folder of a training of a convolutional network, cifar-cnn for example. Default: a small one "
                            + "learns digits now.")
    private @Nullable Path weights;

    @Option(
            names = "--layer",
            paramLabel = "N",
            description = "The layer whose channels are compared, from 0. Default: the last that has these channels.")
    private @Nullable Integer layer;

    @Option(
            names = "--channels",
            paramLabel = "N",
            split = ",",
            description = "Channels, from 0, with commas between. Default: 2,12,13,24.")
    private List<Integer> channels = List.of(2, 12, 13, 24);

    @Option(names = "--image", paramLabel = "FILE", description = "An image. Default: one of the test set.")
    private @Nullable Path image;

    @Option(names = "--index", paramLabel = "N", description = "Which of the test set, from 0. Default: 0.")
    private int index;

    @Option(names = "--images", paramLabel = "N", description = "Test images to look among. Default: 2000.")
    private int images = 2000;

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The data set's folder, or one that holds a folder of its name. Default: where nautile train looks.")
    private @Nullable Path data;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its picture, channels.png; made if missing."
                    + " Default: runs/channels.")
    private Path out = Path.of("runs", "channels");

    /** For {@link java.util.ServiceLoader}. */
    public ChannelsCommand() {}

    @Override
    public Integer call() throws IOException {
        device.check();
        if (images < 1 || index < 0 || index >= images) {
            throw new ParameterException(
                    spec.commandLine(), "--index " + index + " is not one of the " + images + " test images");
        }
        CommandPage page = new CommandPage("What looks alike to a channel", out, spec);
        device.use();
        Classifier classifier;
        ImageDataset test;
        if (weights == null) {
            Digits digits = Digits.find(data, 0, 10, TRAIN, images);
            page.say(digits.source());
            test = digits.test();
            classifier = trained(digits.train());
        } else {
            classifier = saved(weights);
            TrainedImages known = TrainedImages.find(classifier, data, 1, images);
            page.say(known.source());
            test = known.test();
        }
        try (Module network = classifier.network()) {
            int chosen = layer(classifier);
            page.say("layer " + chosen + " of " + network.toString().replaceAll("\\R\\s*", " "));
            draw(classifier, chosen, test, page);
        }
        page.write();
        return 0;
    }

    /** A network of two convolutions, which a few seconds teach the digits. */
    private static Classifier trained(ImageDataset digits) {
        Generator random = new Generator(0, 0);
        ConvOptions three = ConvOptions.kernel(3).padding(1);
        Sequential network = new Sequential(
                new Conv2d(1, WIDTH, three, random),
                Activation.relu(),
                new MaxPool2d(2),
                new Conv2d(WIDTH, WIDTH, three, random),
                Activation.relu(),
                new MaxPool2d(2),
                new Flatten(),
                new Linear(WIDTH * 7 * 7, 10, random));
        Trainer.of(network)
                .optimizer(new Adam(network, 1e-3))
                .train(digits)
                .epochs(EPOCHS)
                .batchSize(BATCH)
                .build()
                .run();
        return new Classifier(network, Mnist.IMAGE, UnaryOperator.identity(), Digits.names(10));
    }

    private static Classifier saved(Path run) throws IOException {
        if (new RunFolder(run).predictor() instanceof Classifier classifier
                && classifier.network() instanceof Sequential) {
            return classifier;
        }
        throw new CommandException(run + ": not the training of a chain of layers");
    }

    private int layer(Classifier classifier) {
        int most = channels.stream().mapToInt(Integer::intValue).max().orElse(0);
        int least = channels.stream().mapToInt(Integer::intValue).min().orElse(-1);
        int[] there = ChannelMatches.channels(classifier);
        Integer given = layer;
        for (int i = there.length - 1; i >= 0; i--) {
            if ((given == null || given == i) && least >= 0 && there[i] > most) {
                return i;
            }
        }
        throw new CommandException((given == null ? "no layer has" : "layer " + given + " has not") + " the channels "
                + channels + " of an image");
    }

    private void draw(Classifier classifier, int chosen, ImageDataset test, CommandPage page) throws IOException {
        Shape input = classifier.input();
        int colours = (int) input.dim(0);
        int height = (int) input.dim(1);
        int width = (int) input.dim(2);
        if (index >= test.size()) {
            throw new CommandException("--index " + index + ": there are " + test.size() + " test images");
        }
        float[] original = image != null ? ImageFile.read(image, input) : test.pixels(index);
        ChannelMatches matches = new ChannelMatches(classifier, chosen);
        List<List<ChannelMatches.Match>> found = new ArrayList<>();
        ImageGrid grid = new ImageGrid(
                "What looks alike to a channel", "layer " + chosen + "; under each image the cosine", channels.size());
        for (int channel : channels) {
            found.add(matches.find(original, channel, test, MATCHES + 1).stream()
                    .filter(match -> image != null || match.index() != index) // not itself
                    .limit(MATCHES)
                    .toList());
            grid.add(original, colours, height, width, "channel " + channel, "the image itself");
        }
        Table table = new Table("place", ">channel", ">test image", "is", ">cosine");
        for (int row = 0; row < Math.min(MATCHES, found.get(0).size()); row++) {
            for (int i = 0; i < found.size(); i++) {
                ChannelMatches.Match match = found.get(i).get(row);
                String name = test.names().get(test.label(match.index()));
                String cosine = String.format(Locale.ROOT, "%.3f", match.similarity());
                grid.add(test.pixels(match.index()), colours, height, width, name, cosine);
                table.add(
                        Integer.toString(row + 1),
                        channels.get(i).toString(),
                        Integer.toString(match.index()),
                        name,
                        cosine);
            }
        }
        page.picture(
                "channels.png",
                grid,
                "Above, the image; below it, for each channel, the test images whose outputs of the channel are most"
                        + " similar.");
        table.addTo(page.report());
    }
}
