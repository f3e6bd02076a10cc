package org.nautile.models.segmentation;

/**
 * What a network says of an image.
 *
 * @param height pixels
 * @param width pixels
 * @param logits [classes][height * width], one class or background, inside and border
 * @param nucleus [height * width]: the probability that a nucleus is there
 * @param inside [height * width]: of three classes, the probability that it is not the nucleus's border; or else {@code nucleus}
 */
public record Segmentation(int height, int width, float[] logits, float[] nucleus, float[] inside) {
    /** From this probability on a pixel counts as a nucleus's. */
    public static final double THRESHOLD = 0.5;

    /** The fewest pixels of a nucleus; real ones have more. */
    public static final int LEAST = 12;

    /**
     * Where nuclei are.
     *
     * @return [height * width]
     */
    public boolean[] mask() {
        return above(nucleus);
    }

    private static boolean[] above(float... probabilities) {
        boolean[] mask = new boolean[probabilities.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = probabilities[i] >= THRESHOLD;
        }
        return mask;
    }

    /**
     * Single nuclei: those that touch are cut at their waists, or where the network sees a border grow from their insides.
     *
     * @return [height * width]: 0 is background, 1, 2, ... are the nuclei
     */
    public int[] nuclei() {
        return inside == nucleus
                ? Instances.watershed(mask(), width, LEAST)
                : Instances.grown(Instances.components(above(inside), width, LEAST), mask(), width);
    }
}
