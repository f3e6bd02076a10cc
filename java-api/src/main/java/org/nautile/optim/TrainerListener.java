package org.nautile.optim;

import java.util.List;
import org.nautile.Plan;

/** Is told how training goes, on the thread that trains. */
public interface TrainerListener {
    /**
     * Training begins.
     *
     * @param epochs the number of passes over the data
     * @param batches the number of steps of each
     */
    default void started(int epochs, int batches) {}

    /**
     * Training goes on from a checkpoint; after {@link #started}.
     *
     * @param done what the epochs before brought
     */
    default void resumed(List<EpochResult> done) {}

    /**
     * A step was recorded; those of the same shape will be run with one call.
     *
     * @param plan the recorded step, to be asked what it consists of; it belongs to the trainer
     */
    default void stepRecorded(Plan plan) {}

    /**
     * A step is done.
     *
     * @param epoch from 1
     * @param batch from 1
     * @param loss the mean loss of the batch
     */
    default void batchDone(int epoch, int batch, double loss) {}

    /**
     * An epoch is done and measured.
     *
     * @param result what it brought
     */
    default void epochDone(EpochResult result) {}

    /**
     * Training ends, also when it was stopped.
     *
     * @param results of the epochs that were done
     */
    default void finished(List<EpochResult> results) {}
}
