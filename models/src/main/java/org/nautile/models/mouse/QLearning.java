package org.nautile.models.mouse;

import java.util.List;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.data.Batch;
import org.nautile.nn.Loss;
import org.nautile.op.BinaryOp;
import org.nautile.op.GatherOp;
import org.nautile.op.ReduceOp;
import org.nautile.op.SliceOp;

/**
 * What deep Q-learning wants of a network (Mnih et al. 2015, doi:10.1038/nature14236): that it says of a move its
 * reward and the worth, discounted, of the best move after it. That worth is told by a second network, a copy that keeps
 * still for a while.
 */
public final class QLearning implements AutoCloseable {
    private static final Loss HUBER = Loss.huber();
    private static final GatherOp OF_MOVE = new GatherOp(1);
    private static final ReduceOp BEST = new ReduceOp(ReduceKernel.Function.MAX, List.of(1), true);
    private static final BinaryOp ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final BinaryOp MULTIPLY = new BinaryOp(BinaryKernel.Function.MUL);

    private final QNetwork network;
    private final QNetwork target;

    /**
     * Learning, with a copy of the network as it is.
     *
     * @param network learns
     */
    public QLearning(QNetwork network) {
        this.network = network;
        target = new QNetwork(network.kind(), new Generator(0, 0));
        copy();
    }

    /** Makes the second network what the first is now. */
    public void copy() {
        try (Scope scope = new Scope()) {
            target.loadState(network.state());
        }
    }

    /**
     * How far the network's word is from what it should be.
     *
     * @param batch examples of a {@link Replay}
     * @return the mean Huber loss
     */
    public Tensor loss(Batch batch) {
        Tensor worth = Autograd.apply(OF_MOVE, network.forward(columns(batch, 0, Replay.AFTER)), batch.y());
        return HUBER.of(worth, goal(batch));
    }

    private Tensor goal(Batch batch) {
        try (Autograd.Pause pause = Autograd.noGrad()) {
            Tensor future = Autograd.apply(BEST, target.forward(columns(batch, Replay.AFTER, Replay.REWARD)));
            Tensor reward = columns(batch, Replay.REWARD, Replay.DISCOUNT);
            Tensor discount = columns(batch, Replay.DISCOUNT, Replay.WIDTH);
            return Autograd.apply(ADD, reward, Autograd.apply(MULTIPLY, discount, future));
        }
    }

    private static Tensor columns(Batch batch, int from, int to) {
        return Autograd.apply(new SliceOp(1, from, to), batch.x());
    }

    /** Frees the second network. */
    @Override
    public void close() {
        target.close();
    }
}
