package org.nautile.nn;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Tensor;

/** Layers one after the other; their names are "0", "1", ... as in PyTorch. */
public final class Sequential extends Module {
    private final List<Module> layers;

    /**
     * A chain.
     *
     * @param layers the layers, first to last
     */
    public Sequential(Module... layers) {
        this.layers = List.of(layers);
        for (int i = 0; i < layers.length; i++) {
            child(Integer.toString(i), layers[i]);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Module layer : layers) {
            y = layer.forward(y);
        }
        return y;
    }

    /**
     * The forward pass, with what each layer makes of it.
     *
     * @param x the input
     * @return the output of each layer, first to last
     */
    public List<Tensor> outputs(Tensor x) {
        List<Tensor> outputs = new ArrayList<>();
        Tensor y = x;
        for (Module layer : layers) {
            y = layer.forward(y);
            outputs.add(y);
        }
        return outputs;
    }
}
