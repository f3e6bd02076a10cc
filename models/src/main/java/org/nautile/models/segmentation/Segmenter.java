package org.nautile.models.segmentation;

import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Module;

/**
 * Finds nuclei in images of any size.
 *
 * @param network takes [1, 1, height, width] and gives logits [1, classes, height, width]; not in training when it is asked
 * @param classes 1, or 3: background, inside, border
 * @param tiles how images are cut for it
 */
public record Segmenter(Module network, int classes, Tiles tiles) {
    /**
     * Finds the nuclei, on the default device.
     *
     * @param pixels [height * width], {@linkplain LabelledImage#normalised normalised}
     * @param height pixels
     * @param width pixels
     * @return what the network says of each pixel
     */
    public Segmentation segment(float[] pixels, int height, int width) {
        float[] logits = tiles.apply(pixels, height, width, classes, (tile, rows, cols) -> {
            try (Autograd.Pause pause = Autograd.noGrad();
                    Scope scope = new Scope()) {
                Tensor x = Tensor.of(Device.defaultDevice(), tile, Shape.of(1, 1, rows, cols));
                return network.forward(x).toFloatArray();
            }
        });
        int size = height * width;
        float[] nucleus = new float[size];
        float[] inside = classes == 1 ? nucleus : new float[size];
        for (int i = 0; i < size; i++) {
            if (classes == 1) {
                nucleus[i] = (float) (1 / (1 + Math.exp(-logits[i])));
            } else {
                double most = Math.max(logits[i], Math.max(logits[size + i], logits[2 * size + i]));
                double background = Math.exp(logits[i] - most);
                double within = Math.exp(logits[size + i] - most);
                double sum = background + within + Math.exp(logits[2 * size + i] - most);
                nucleus[i] = (float) (1 - background / sum);
                inside[i] = (float) (within / sum);
            }
        }
        return new Segmentation(height, width, logits, nucleus, inside);
    }
}
