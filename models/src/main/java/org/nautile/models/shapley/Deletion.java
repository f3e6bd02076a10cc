package org.nautile.models.shapley;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.nautile.Generator;

/**
 * By how much a score falls if pixels become those of the background's mean.
 *
 * @param top if they are those with the largest attributions
 * @param random if they are drawn, as many; the mean of some draws
 */
public record Deletion(double top, double random) {
    /**
     * Deletes pixels of an image.
     *
     * @param function gives the score
     * @param image [channels, pixels]
     * @param mean of the background, as large
     * @param attributions of the score to each number of the image; a pixel has the sum of its channels
     * @param target the class whose score it is
     * @param channels of the image
     * @param share of the pixels that is deleted, from 0 to 1
     * @param draws of other pixels, at least one
     * @param random draws them
     * @return the score's falls
     */
    public static Deletion of(
            ScoreFunction function,
            float[] image,
            float[] mean,
            double[] attributions,
            int target,
            int channels,
            double share,
            int draws,
            Generator random) {
        int plane = image.length / channels;
        int count = (int) Math.round(share * plane);
        double[] pixels = new double[plane];
        for (int i = 0; i < attributions.length; i++) {
            pixels[i % plane] += attributions[i];
        }
        float[][] inputs = new float[draws + 2][];
        inputs[0] = image;
        inputs[1] = without(
                image,
                mean,
                plane,
                IntStream.range(0, plane)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -pixels[i]))
                        .mapToInt(Integer::intValue)
                        .limit(count));
        for (int draw = 0; draw < draws; draw++) {
            inputs[draw + 2] = without(
                    image, mean, plane, IntStream.of(random.permutation(plane)).limit(count));
        }
        double[][] scores = function.scores(inputs);
        double rest = IntStream.range(2, scores.length)
                .mapToDouble(i -> scores[i][target])
                .average()
                .orElseThrow();
        return new Deletion(scores[0][target] - scores[1][target], scores[0][target] - rest);
    }

    private static float[] without(float[] image, float[] mean, int plane, IntStream pixels) {
        float[] left = image.clone();
        pixels.forEach(pixel -> {
            for (int place = pixel; place < left.length; place += plane) {
                left[place] = mean[place];
            }
        });
        return left;
    }
}
