package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;

/** The losses of a training's steps. */
public final class Losses {
    private Losses() {}

    /** Trains; a loss for each step. */
    public static List<Double> of(Trainer.Builder trainer) {
        List<Double> losses = new ArrayList<>();
        trainer.listener(new TrainerListener() {
                    @Override
                    public void batchDone(int epoch, int batch, double loss) {
                        losses.add(loss);
                    }
                })
                .build()
                .run();
        return losses;
    }

    /** As many as the right ones, and each within 1e-4 of its size. */
    public static void assertNear(List<Double> right, List<Double> found) {
        assertEquals(right.size(), found.size());
        for (int i = 0; i < right.size(); i++) {
            assertEquals(right.get(i), found.get(i), 1e-4 * right.get(i), "step " + i);
        }
    }
}
