package org.nautile.models;

import java.util.List;
import java.util.Locale;
import org.nautile.data.Augmentation;
import org.nautile.data.Dataset;
import org.nautile.data.ImageDataset;
import picocli.CommandLine.Option;

/** The augmentations that models of images take as an option: {@code @Mixin Augmentations augmentations}. */
public final class Augmentations {
    /** How training images are changed at random. */
    public enum Kind {
        /** Not at all. */
        NONE,
        /** Half of the images change left and right. */
        FLIP,
        /** By up to 15 degrees. */
        ROTATE,
        /** By a factor from 0.8 to 1.25. */
        SCALE,
        /** From a border of 4 black pixels. */
        CROP,
        /** Brightness, contrast and saturation by up to 0.2. */
        JITTER,
        /** With standard deviation 0.05 of [0, 1]. */
        NOISE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--augment",
            paramLabel = "NAME",
            split = ",",
            description = "Changes of the training images, others in each epoch, with commas between: some of "
                    + "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    List<Kind> kinds;

    /**
     * An option.
     *
     * @param kinds the model's own choice
     */
    public Augmentations(Kind... kinds) {
        this.kinds = kinds.length == 0 ? List.of(Kind.NONE) : List.of(kinds);
    }

    /**
     * Images that are changed so.
     *
     * @param images the training images
     * @param seed the seed of the changes
     * @return the images themselves if there is nothing to change
     */
    public Dataset of(ImageDataset images, long seed) {
        return images.augmented(
                seed,
                kinds.stream()
                        .filter(kind -> kind != Kind.NONE)
                        .map(Augmentations::augmentation)
                        .toList());
    }

    private static Augmentation augmentation(Kind kind) {
        return switch (kind) {
            case NONE -> (image, random) -> image;
            case FLIP -> new Augmentation.Flip(0.5);
            case ROTATE -> new Augmentation.Rotate(15);
            case SCALE -> new Augmentation.Scale(0.8, 1.25);
            case CROP -> new Augmentation.Crop(4);
            case JITTER -> new Augmentation.ColorJitter(0.2);
            case NOISE -> new Augmentation.Noise(0.05);
        };
    }
}
