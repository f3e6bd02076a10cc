package org.nautile.optim;

import java.util.Map;
import java.util.stream.DoubleStream;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;

/** Finds the place where numbers stopped being finite. */
final class NonFinite {
    private NonFinite() {}

    /**
     * Takes a step and looks at all that the forward pass computes.
     *
     * @param model whose step it is
     * @param step the step
     * @return what was infinite or NaN first: a parameter, or the output of an op
     */
    static String find(Module model, Runnable step) {
        for (Map.Entry<String, Parameter> entry : model.parameters().entrySet()) {
            if (!isFinite(entry.getValue().value())) {
                return "the step before made the parameter " + entry.getKey() + " infinite or NaN";
            }
        }
        String[] first = new String[1];
        int[] count = new int[1];
        try (Autograd.Pause pause = Autograd.watch((op, output) -> {
            count[0]++;
            if (first[0] == null && output.dtype().isFloating() && !isFinite(output)) {
                first[0] = "the output of " + op.name() + ", op " + count[0]
                        + " of the step, is the first that is infinite" + " or NaN (" + output.shape() + ")";
            }
        })) {
            step.run();
        }
        return first[0] == null ? "no op of the step made it" : first[0];
    }

    private static boolean isFinite(Tensor tensor) {
        return DoubleStream.of(tensor.toDoubleArray()).allMatch(Double::isFinite);
    }
}
