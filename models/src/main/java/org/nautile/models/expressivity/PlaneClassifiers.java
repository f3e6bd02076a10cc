package org.nautile.models.expressivity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.Dataset;
import org.nautile.models.points.PlaneSet;
import org.nautile.models.points.Points;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.ReshapeOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;
import org.nautile.optim.Score;

/**
 * A network of each kind for each set of points, which learn side by side: the loss is the sum of theirs, so that each
 * has the gradients that it would have alone. Parameters begin with {@code logistic.moons.} and the like.
 */
public final class PlaneClassifiers extends Module {
    private static final Loss CROSS_ENTROPY = Loss.crossEntropy();
    private static final Op BESIDE = new ConcatOp(1);

    private final int sets;
    private final List<List<Module>> networks = new ArrayList<>(); // of each kind, in the order of the sets

    /**
     * Networks that have learnt nothing.
     *
     * @param models the kinds
     * @param train what is to be learnt: sets of two classes and one size, in the map's order
     * @param random draws the first weights
     */
    public PlaneClassifiers(List<PlaneModel> models, Map<PlaneSet, Points> train, Generator random) {
        sets = train.size();
        for (PlaneModel model : models) {
            List<Module> ofKind = new ArrayList<>();
            train.forEach((set, points) -> ofKind.add(child(
                    model.name().replace(' ', '-') + "." + set, model.network().apply(points, random))));
            networks.add(ofKind);
        }
    }

    /**
     * Sets of points beside each other.
     *
     * @param sets of one size
     * @return examples for {@link #loss}: a point of each set, and the class of each
     */
    public static Dataset beside(Map<PlaneSet, Points> sets) {
        return new PlaneTasks(sets.values());
    }

    /**
     * What the networks say.
     *
     * @param x a point of each set, [B, 2 * sets]
     * @return f of each network, [B, kinds * sets]: first those of the first kind
     */
    @Override
    public Tensor forward(Tensor x) {
        Tensor[] points = new Tensor[sets];
        Arrays.setAll(
                points,
                s -> Autograd.apply(new SliceOp(1, 2L * s, 2L * s + 2), x).contiguous());
        List<Tensor> said = new ArrayList<>();
        for (List<Module> ofKind : networks) {
            for (int s = 0; s < points.length; s++) {
                said.add(ofKind.get(s).forward(points[s]));
            }
        }
        return Autograd.apply(BESIDE, said.toArray(Tensor[]::new));
    }

    /**
     * How wrong the networks are.
     *
     * @param batch of {@link #beside}
     * @return the sum of the networks' mean cross-entropies, a scalar
     */
    public Tensor loss(Batch batch) {
        return loss(forward(batch.x()), batch.y());
    }

    private Tensor loss(Tensor said, Tensor classes) {
        long size = said.shape().dim(0);
        long columns = said.shape().dim(1);
        // the scores of the two classes are 0 and f, so that softmax gives 1 / (1 + e^-f) for the second
        Tensor zeros = Tensor.full(said.device(), DType.FLOAT32, Shape.of(size, 1, columns), 0);
        Tensor scores = Autograd.apply(BESIDE, zeros, Autograd.apply(new ReshapeOp(size, 1, columns), said));
        Tensor[] labels = Collections.nCopies(networks.size(), classes).toArray(Tensor[]::new);
        Tensor mean = CROSS_ENTROPY.of(scores, Autograd.apply(BESIDE, labels));
        return Autograd.apply(new ScaleOp(columns, 0), mean);
    }

    /**
     * How often the networks are right.
     *
     * @param test points of the sets, of one size, in the same order
     * @param device where the networks are
     * @return the share of right answers of each kind for each set, [kinds][sets]
     */
    public double[][] accuracies(Map<PlaneSet, Points> test, Device device) {
        return measure(test, device).accuracies;
    }

    /**
     * How good the networks are together. Without gradients.
     *
     * @param test as for {@link #accuracies}
     * @param device where the networks are
     * @return the sum of their losses, and the mean of their shares of right answers
     */
    public Score score(Map<PlaneSet, Points> test, Device device) {
        Measured measured = measure(test, device);
        double mean = Arrays.stream(measured.accuracies)
                .flatMapToDouble(Arrays::stream)
                .average()
                .orElseThrow();
        return new Score(measured.loss, mean);
    }

    /** The sum of the losses, and {@link #accuracies}. */
    private record Measured(double loss, double[][] accuracies) {}

    private Measured measure(Map<PlaneSet, Points> test, Device device) {
        Dataset points = beside(test);
        double[][] right = new double[networks.size()][sets];
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope();
                DataLoader loader = new DataLoader(points, points.size(), device, false, 0);
                Batch all = loader.epoch(1).iterator().next()) {
            Tensor said = forward(all.x());
            float[] answers = said.toFloatArray();
            long[] labels = all.y().toLongArray();
            for (int i = 0; i < answers.length; i++) {
                int set = i % sets;
                int model = i / sets % networks.size();
                int point = i / (sets * networks.size());
                boolean second = answers[i] > 0;
                right[model][set] += second == (labels[point * sets + set] == 1) ? 1.0 / all.size() : 0;
            }
            return new Measured(loss(said, all.y()).item(), right);
        }
    }

    /**
     * What a network says of places in the plane.
     *
     * @param model which kind, from 0
     * @param set which set it has learnt, from 0
     * @param places x and y, place by place
     * @param device where the network is
     * @return the probability of the second class at each place
     */
    public double[] probabilities(int model, int set, float[] places, Device device) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor x = Tensor.of(device, places, Shape.of(places.length / 2, 2));
            double[] said = networks.get(model).get(set).forward(x).toDoubleArray();
            return Arrays.stream(said).map(f -> 1 / (1 + Math.exp(-f))).toArray();
        }
    }
}
