package org.nautile.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.data.Batch;

/**
 * A training step that is recorded when batches of a shape come for the second time, and run again for every later one. (In the
 * first step of all, optimizers make their state; and a shape that never comes again is not worth a plan.)
 */
final class RecordedStep implements AutoCloseable {
    private static final int MOST_PLANS = 4; // each keeps the memory of a step

    private final Device device;
    private final Function<Batch, Tensor> step;
    private final Consumer<Plan> recorded;
    private final @Nullable Consumer<Plan> told;
    private final Map<List<Shape>, Optional<Recorded>> plans = new LinkedHashMap<>(); // empty: came once

    /** A plan, and where the batch is that it reads. */
    private record Recorded(Plan plan, Batch place) {}

    /**
     * A step.
     *
     * @param step forward, loss, backward, optimizer; gives the loss
     * @param recorded is given each plan when it is made
     * @param told is given each plan at the end, its kernels measured; null: nobody wants to know
     */
    RecordedStep(Device device, Function<Batch, Tensor> step, Consumer<Plan> recorded, @Nullable Consumer<Plan> told) {
        this.device = device;
        this.step = step;
        this.recorded = recorded;
        this.told = told;
    }

    /** Takes the step; the loss. */
    double take(Batch batch) {
        List<Shape> shapes = List.of(batch.x().shape(), batch.y().shape());
        Optional<Recorded> known = plans.get(shapes);
        if (known == null) {
            if (plans.size() < MOST_PLANS) {
                plans.put(shapes, Optional.empty());
            }
            return eager(batch);
        }
        if (known.isEmpty()) {
            Recorded recorded = record(batch);
            plans.put(shapes, Optional.of(recorded));
            return recorded.plan.result().item();
        }
        Recorded recorded = known.get();
        if (batch.x().storage() != recorded.place.x().storage()) {
            recorded.place.x().copyFrom(batch.x());
            recorded.place.y().copyFrom(batch.y());
        }
        return recorded.plan.run().item();
    }

    private Recorded record(Batch batch) {
        Batch place = new Batch(
                Scope.disown(batch.x().detach()), Scope.disown(batch.y().detach()));
        try {
            Plan plan = Plan.record(device, () -> step.apply(place));
            plan.measure(told != null);
            recorded.accept(plan);
            return new Recorded(plan, place);
        } catch (RuntimeException e) {
            place.close();
            throw e;
        }
    }

    private double eager(Batch batch) {
        try (Scope scope = new Scope()) {
            return step.apply(batch).item();
        }
    }

    @Override
    public void close() {
        for (Optional<Recorded> recorded : plans.values()) {
            recorded.ifPresent(one -> {
                if (told != null) {
                    told.accept(one.plan);
                }
                one.plan.close();
                one.place.close();
            });
        }
        plans.clear();
    }
}
