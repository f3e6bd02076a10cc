package org.nautile.optim;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.data.Batch;

/**
 * A training step that is recorded when the second batch comes (in the first one, optimizers make their state) and run again
 * for every later batch of its shape; others are taken op by op.
 */
final class RecordedStep implements AutoCloseable {
    private final Device device;
    private final Function<Batch, Tensor> step;
    private @Nullable Shape first;
    private @Nullable Plan plan;
    private @Nullable Batch place; // what the plan reads

    /**
     * A step.
     *
     * @param step forward, loss, backward, optimizer; gives the loss
     */
    RecordedStep(Device device, Function<Batch, Tensor> step) {
        this.device = device;
        this.step = step;
    }

    /** Takes the step; the loss. */
    double take(Batch batch) {
        Shape shape = batch.x().shape();
        if (first == null) {
            first = shape;
            return eager(batch);
        }
        if (!shape.equals(first)) {
            return eager(batch);
        }
        if (plan != null && place != null) {
            if (batch.x().storage() != place.x().storage()) {
                place.x().copyFrom(batch.x());
                place.y().copyFrom(batch.y());
            }
            return plan.run().item();
        }
        Batch here = new Batch(
                Scope.disown(batch.x().detach()), Scope.disown(batch.y().detach()));
        place = here;
        plan = Plan.record(device, () -> step.apply(here));
        return plan.result().item();
    }

    private double eager(Batch batch) {
        try (Scope scope = new Scope()) {
            return step.apply(batch).item();
        }
    }

    @Override
    public void close() {
        if (plan != null) {
            plan.close();
            plan = null;
        }
        if (place != null) {
            place.close();
            place = null;
        }
    }
}
