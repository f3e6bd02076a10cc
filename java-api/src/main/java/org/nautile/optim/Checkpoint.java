package org.nautile.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/** Everything that a training needs to go on, by name: tensors, and numbers as float64. */
record Checkpoint(Map<String, Tensor> tensors) {
    private static final String REFERENCE = "reference"; // holds float64 always

    Checkpoint() {
        this(new LinkedHashMap<>());
    }

    /** Adds numbers, owned by the innermost open scope. */
    void put(String name, double... numbers) {
        tensors.put(name, Tensor.of(Device.of(REFERENCE), numbers, Shape.of(numbers.length)));
    }

    double[] get(String name) {
        Tensor found = tensors.get(name);
        if (found == null) {
            throw new ShapeException("checkpoint: '" + name + "' is missing; it is of a training with other settings");
        }
        return found.toDoubleArray();
    }

    /** The tensors whose names have a prefix, without it. */
    Map<String, Tensor> below(String prefix) {
        Map<String, Tensor> part = new LinkedHashMap<>();
        tensors.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), Objects.requireNonNull(value));
            }
        });
        return part;
    }
}
