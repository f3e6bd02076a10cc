package org.nautile.models.series;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.models.memory.Cell;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Score;

/**
 * Networks of several kinds that learn side by side from the same windows. Their losses are added, so that an
 * optimizer that changes each weight by its own gradient trains each network as it would alone; only clipping takes
 * the norm of all gradients together.
 */
public final class Forecasters extends Module {
    private static final int EVALUATION_BATCH = 512;
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);

    private final Map<Cell, Forecaster> networks = new EnumMap<>(Cell.class);

    /**
     * A network of each kind. Parameters begin with the kind's name.
     *
     * @param cells the kinds, at least one
     * @param hidden units of each, {@code >= 1}
     * @param window the numbers they read, {@code >= 1}
     * @param horizon the numbers they say, {@code >= 1}
     * @param seed draws the first weights; those of a kind do not depend on which others there are
     */
    public Forecasters(List<Cell> cells, int hidden, int window, int horizon, long seed) {
        for (Cell cell : cells) {
            Generator random = new Generator(seed, cell.ordinal());
            networks.put(cell, child(cell.toString(), new Forecaster(cell, hidden, window, horizon, random)));
        }
    }

    /**
     * The networks.
     *
     * @return by kind
     */
    public Map<Cell, Forecaster> networks() {
        return Collections.unmodifiableMap(networks);
    }

    /** The sum of the losses, of examples [B, window + horizon]. */
    @Override
    public Tensor forward(Tensor examples) {
        return networks.values().stream()
                .map(network -> network.loss(examples))
                .reduce((a, b) -> Autograd.apply(ADD, a, b))
                .orElseThrow();
    }

    /**
     * Forecasts the part of a series that is held out.
     *
     * @param series the series
     * @param scaling with which the networks learnt
     * @param device where they are
     * @return the forecasts by kind
     */
    public Map<Cell, RollingOrigin> forecast(Series series, Scaling scaling, Device device) {
        Map<Cell, RollingOrigin> results = new EnumMap<>(Cell.class);
        Windows windows = Windows.test(series, scaling);
        networks.forEach((cell, network) -> {
            double[][] forecasts = new double[windows.size()][series.horizon()];
            Evaluation.each(windows, EVALUATION_BATCH, device, (batch, first) -> {
                float[] said = network.forward(batch.x()).toFloatArray();
                for (int i = 0; i < said.length; i++) {
                    forecasts[first + i / series.horizon()][i % series.horizon()] = scaling.unscale(said[i]);
                }
            });
            results.put(cell, new RollingOrigin(series, forecasts));
        });
        return results;
    }

    /**
     * How good the forecasts of the part that is held out are.
     *
     * @param series the series
     * @param scaling with which the networks learnt
     * @param device where they are
     * @return the sum of the networks' losses, and the mean of their root mean squared errors in the series's unit
     */
    public Score score(Series series, Scaling scaling, Device device) {
        double loss = 0;
        double rmse = 0;
        for (RollingOrigin forecasts : forecast(series, scaling, device).values()) {
            loss += Math.pow(forecasts.rmse() / scaling.deviation(), 2);
            rmse += forecasts.rmse() / networks.size();
        }
        return new Score(loss, rmse);
    }
}
