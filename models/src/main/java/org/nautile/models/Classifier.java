package org.nautile.models;

import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Module;
import org.nautile.op.SoftmaxOp;

/**
 * A network that gives a score for each class of images.
 *
 * @param network the network
 * @param input the shape of an image, [channels, height, width]
 * @param prepare makes what the network takes of images [N, channels, height, width] with numbers from 0 to 1
 * @param classes their names, in the order of the scores
 */
public record Classifier(Module network, Shape input, UnaryOperator<Tensor> prepare, List<String> classes)
        implements Predictor {
    @Override
    public List<Guess> guess(float[] pixels) {
        network.train(false);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Shape one = Shape.of(1, input.dim(0), input.dim(1), input.dim(2));
            Tensor scores = network.forward(prepare.apply(Tensor.of(Device.defaultDevice(), pixels, one)));
            double[] shares = Autograd.apply(new SoftmaxOp(1), scores).toDoubleArray();
            return IntStream.range(0, shares.length)
                    .mapToObj(i -> new Guess(classes.get(i), shares[i]))
                    .sorted(Comparator.comparingDouble(Guess::probability).reversed())
                    .toList();
        }
    }
}
