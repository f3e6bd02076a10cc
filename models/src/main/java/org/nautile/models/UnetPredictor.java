package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.models.segmentation.LabelledImage;
import org.nautile.models.segmentation.Segmentation;
import org.nautile.models.segmentation.Segmenter;
import org.nautile.nn.Module;

/** Counts and draws the nuclei in images of any size. */
record UnetPredictor(Segmenter segmenter) implements Predictor {
    @Override
    public Module network() {
        return segmenter.network();
    }

    @Override
    public Supplier<Answer> read(String file, boolean inverted) throws IOException {
        LabelledImage raw = LabelledImage.unlabelled(Path.of(file));
        LabelledImage image = inverted ? raw.inverted() : raw;
        return () -> {
            network().train(false);
            Segmentation answer = segmenter.segment(image.normalised().pixels(), image.height(), image.width());
            int[] nuclei = answer.nuclei();
            int count = Arrays.stream(nuclei).max().orElse(0);
            double share = share(answer.mask());
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("nuclei", count);
            values.put("share_of_pixels", share);
            String text = String.format(Locale.ROOT, "%d nuclei on %.1f %% of the pixels", count, 100 * share);
            return new Answer(text, values, Optional.of(UnetPictures.predicted(image, nuclei, count)));
        };
    }

    private static double share(boolean... mask) {
        int count = 0;
        for (boolean pixel : mask) {
            count += pixel ? 1 : 0;
        }
        return (double) count / mask.length;
    }
}
