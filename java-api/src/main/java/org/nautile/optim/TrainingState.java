package org.nautile.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nautile.Scope;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.nn.Module;

/** What the steps of a training change: parameters, buffers, and what the optimizers remember. */
record TrainingState(Module model, List<Optimizer> optimizers) {
    private static final String PARAMETER = "parameter.";
    private static final String BUFFER = "buffer.";
    private static final String OPTIMIZER = "optimizer.";

    /** All of it by name; not copies. */
    Map<String, Tensor> all() {
        Map<String, Tensor> all = ofModel();
        for (int i = 0; i < optimizers.size(); i++) {
            String prefix = prefix(i);
            optimizers.get(i).state().forEach((name, value) -> all.put(prefix + name, value));
        }
        return all;
    }

    private String prefix(int optimizer) {
        return OPTIMIZER
                + optimizer
                + '.'
                + optimizers.get(optimizer).getClass().getSimpleName()
                + '.';
    }

    /** Without the optimizers. */
    Map<String, Tensor> ofModel() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        model.parameters().forEach((name, parameter) -> all.put(PARAMETER + name, parameter.value()));
        List<Tensor> buffers = model.buffers();
        for (int i = 0; i < buffers.size(); i++) {
            all.put(BUFFER + i, buffers.get(i));
        }
        return all;
    }

    /**
     * Goes back to what was copied.
     *
     * @throws ShapeException if it is that of another model or of other optimizers
     */
    void restore(Map<String, Tensor> saved) {
        restoreModel(saved);
        for (int i = 0; i < optimizers.size(); i++) {
            optimizers.get(i).loadState(new Checkpoint(saved).below(prefix(i)));
        }
    }

    /** As restore, without the optimizers. */
    void restoreModel(Map<String, Tensor> saved) {
        Map<String, Tensor> mine = ofModel();
        mine.forEach((name, value) -> {
            Tensor found = saved.get(name);
            if (found == null || !found.shape().equals(value.shape()) || found.dtype() != value.dtype()) {
                throw new ShapeException("state: '" + name + "' is " + (found == null ? "missing" : found)
                        + ", the model's is " + value);
            }
        });
        try (Scope scope = new Scope()) {
            mine.forEach((name, value) -> {
                Tensor found = saved.get(name);
                if (found != null) {
                    value.copyFrom(found.to(value.device()));
                }
            });
        }
    }
}
