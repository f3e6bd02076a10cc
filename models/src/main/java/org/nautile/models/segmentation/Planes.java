package org.nautile.models.segmentation;

/**
 * A labelled image as a network learns from it.
 *
 * @param height pixels
 * @param width pixels
 * @param planes [3][height * width]: the normalised image, 1 where an object is, the weight of the pixel
 * @param classes [height * width]: 0 background, 1 object; of three classes, 1 inside and 2 border
 */
public record Planes(int height, int width, float[][] planes, byte[] classes) {
    private static final double BORDER = 1; // pixels from an object's outline, which is one more

    /**
     * What a network learns of an image.
     *
     * @param image the image
     * @param classes 1, or 3 with a border of two pixels
     * @param weighted whether pixels have weights ({@link BorderWeights}); they are 0 otherwise
     * @return of the image's size
     */
    public static Planes of(LabelledImage image, int classes, boolean weighted) {
        float[] mask = new float[image.labels().length];
        byte[] of = new byte[mask.length];
        for (int i = 0; i < mask.length; i++) {
            of[i] = (byte) (image.labels()[i] > 0 ? 1 : 0);
            mask[i] = of[i];
        }
        if (classes == 3) {
            float[] distances = DistanceTransform.of(outlines(image), image.height(), image.width());
            for (int i = 0; i < mask.length; i++) {
                of[i] = of[i] == 1 && distances[i] <= BORDER ? 2 : of[i];
            }
        }
        float[] weights = weighted ? BorderWeights.of(image) : new float[mask.length];
        return new Planes(
                image.height(), image.width(), new float[][] {image.normalised().pixels(), mask, weights}, of);
    }

    /** The pixels of objects with another object, or none, at a side. */
    private static boolean[] outlines(LabelledImage image) {
        int[] labels = image.labels();
        int width = image.width();
        boolean[] outlines = new boolean[labels.length];
        for (int i = 0; i < labels.length; i++) {
            boolean left = i % width > 0 && labels[i - 1] != labels[i];
            boolean right = i % width < width - 1 && labels[i + 1] != labels[i];
            boolean above = i >= width && labels[i - width] != labels[i];
            boolean below = i + width < labels.length && labels[i + width] != labels[i];
            outlines[i] = labels[i] > 0 && (left || right || above || below);
        }
        return outlines;
    }
}
