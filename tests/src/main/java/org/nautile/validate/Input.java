package org.nautile.validate;

import org.nautile.DType;
import org.nautile.Generator;
import org.nautile.Shape;

/**
 * An input of a case.
 *
 * @param dtype its type
 * @param shape its shape
 * @param draw how its elements are made
 */
public record Input(DType dtype, Shape shape, Draw draw) {
    /** The elements as an array of the input's type. */
    Object array(Generator random) {
        int length = Math.toIntExact(shape.size());
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = draw.next(random, i);
        }
        return Elements.ofType(dtype, values);
    }
}
