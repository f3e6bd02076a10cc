package org.nautile.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nautile.Scope;
import org.nautile.Tensor;

/** Copies of tensors by name, kept until others take their place. */
final class Snapshot implements AutoCloseable {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** Copies these in place of what was there. */
    void take(Map<String, Tensor> values) {
        if (!tensors.keySet().equals(values.keySet())) {
            close();
        }
        values.forEach((name, value) -> {
            Tensor place = tensors.get(name);
            if (place != null && place.device() == value.device()) {
                place.copyFrom(value);
                return;
            }
            tensors.put(name, Scope.disown(value.copy()));
            if (place != null) { // what a file held
                place.close();
            }
        });
    }

    Map<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        tensors.values().forEach(Tensor::close);
        tensors.clear();
    }
}
