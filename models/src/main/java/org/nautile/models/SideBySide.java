package org.nautile.models;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nautile.Device;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.data.Dataset;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.op.SliceOp;
import org.nautile.optim.Evaluation;

/**
 * Networks that learn side by side from the same examples [rows, numbers]. Their losses are added, so that an optimizer that changes
 * each weight by its own gradient trains each network as it would alone.
 */
final class SideBySide extends Module {
    private static final int EVALUATION_BATCH = 1000;
    private static final Loss ERROR = Loss.meanSquaredError();
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);

    private final List<Member> members = new ArrayList<>();

    /**
     * One of the networks.
     *
     * @param network maps numbers to numbers
     * @param input the row of an example that it reads
     * @param target the row that it shall say
     */
    record Member(Module network, int input, int target) {
        /** The mean squared error, of examples [N, rows, numbers]. */
        Tensor loss(Tensor examples) {
            return ERROR.of(network.forward(row(examples, input)), row(examples, target));
        }

        private static Tensor row(Tensor examples, int index) {
            return Autograd.apply(new SliceOp(1, index, index + 1), examples);
        }

        /** The mean squared error of each example. */
        double[] errors(Dataset examples, Device device) {
            double[] errors = new double[examples.size()];
            int numbers = (int) examples.sampleShape().dim(1);
            Evaluation.each(examples, EVALUATION_BATCH, device, (batch, first) -> {
                float[] said = network.forward(row(batch.x(), input)).toFloatArray();
                float[] wanted = row(batch.x(), target).toFloatArray();
                for (int i = 0; i < said.length; i++) {
                    double difference = (double) said[i] - wanted[i];
                    errors[first + i / numbers] += difference * difference / numbers;
                }
            });
            return errors;
        }
    }

    void add(String name, Member member) {
        child(name, member.network());
        members.add(member);
    }

    List<Member> members() {
        return Collections.unmodifiableList(members);
    }

    /** The sum of the networks' losses. */
    @Override
    public Tensor forward(Tensor examples) {
        Tensor sum = members.get(0).loss(examples);
        for (Member member : members.subList(1, members.size())) {
            sum = Autograd.apply(ADD, sum, member.loss(examples));
        }
        return sum;
    }

    /** The sum of the networks' losses, a mean over a data set. */
    double loss(Dataset examples, Device device) {
        return Evaluation.mean(
                examples, EVALUATION_BATCH, device, batch -> forward(batch.x()).item());
    }
}
