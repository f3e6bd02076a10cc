package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.io.DataException;
import org.nautile.io.Safetensors;
import org.nautile.nn.Module;

/** Saved weights. */
public final class Weights {
    /** Their file in the folder of a training. */
    public static final String FILE = "model.safetensors";

    private Weights() {}

    /**
     * Puts saved weights into a network.
     *
     * @param network of as many parameters, of the same names and shapes
     * @param name what the weights should be those of, for the message if they are not
     * @param file safetensors
     * @throws DataException if the file is damaged, or holds other weights
     * @throws IOException if the file cannot be read
     */
    public static void load(Module network, String name, Path file) throws IOException {
        Safetensors saved = Safetensors.open(file);
        try (Scope scope = new Scope()) {
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (String entry : saved.names()) {
                state.put(entry, saved.tensor(entry, Device.defaultDevice()));
            }
            network.loadState(state);
        } catch (ShapeException e) {
            DataException failure = new DataException(file, "not the weights of " + name + ": " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
