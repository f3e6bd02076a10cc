package org.nautile.optim;

/** Remembers a model as it was after the epoch with the lowest loss (Prechelt 1998, "Early stopping - but when?"). */
final class EarlyStopping implements AutoCloseable {
    private static final String WEIGHTS = "best.";

    private final TrainingState state;
    private final int patience;
    private final Snapshot best = new Snapshot();
    private double lowest = Double.POSITIVE_INFINITY;
    private int since;

    /**
     * Early stopping.
     *
     * @param state of the training
     * @param patience the epochs without a lower loss after which to stop
     */
    EarlyStopping(TrainingState state, int patience) {
        this.state = state;
        this.patience = patience;
    }

    void epochDone(double loss) {
        if (loss < lowest) {
            lowest = loss;
            since = 0;
            best.take(state.ofModel());
        } else {
            since++;
        }
    }

    boolean isTime() {
        return since >= patience;
    }

    /** Puts the best weights back into the model. */
    void restore() {
        if (!best.tensors().isEmpty()) {
            state.restoreModel(best.tensors());
        }
    }

    /** For a checkpoint. */
    void save(Checkpoint into) {
        into.put("early_stopping", lowest, since);
        best.tensors().forEach((name, value) -> into.tensors().put(WEIGHTS + name, value));
    }

    /** From a checkpoint. */
    void load(Checkpoint from) {
        double[] saved = from.get("early_stopping");
        lowest = saved[0];
        since = (int) saved[1];
        best.take(from.below(WEIGHTS));
    }

    @Override
    public void close() {
        best.close();
    }
}
