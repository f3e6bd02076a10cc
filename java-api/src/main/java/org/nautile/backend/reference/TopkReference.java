package org.nautile.backend.reference;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.nautile.Tensor;
import org.nautile.backend.TopkKernel;

final class TopkReference implements TopkKernel {
    @Override
    public void forward(Tensor x, Tensor y) {
        double[] values = Values.read(x);
        int rows = (int) x.shape().dim(0);
        int cols = (int) x.shape().dim(1);
        int k = (int) y.shape().dim(1);
        double[] places = new double[rows * k];
        for (int r = 0; r < rows; r++) {
            int row = r * cols;
            // Double's order has NaN last; adding 0 makes -0 equal 0; the sort keeps the order of equals
            int[] order = IntStream.range(0, cols)
                    .boxed()
                    .sorted(Comparator.comparing((Integer c) -> values[row + c] + 0.0)
                            .reversed())
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int j = 0; j < k; j++) {
                places[r * k + j] = order[j];
            }
        }
        Values.write(places, y);
    }
}
