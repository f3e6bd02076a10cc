package org.nautile.validate;

/** In what form the floating inputs of a case are used. */
enum Numbers {
    /** As they are: float32. */
    FLOAT32,
    /** The same numbers as float64, for which the device {@code reference} computes what is right. */
    FLOAT64,
    /** Their absolute values as float64: the result is the magnitude that rounding errors grow with. */
    MAGNITUDES;

    /** Elements of this form; what is not {@code float[]} stays as it is. */
    Object convert(Object array) {
        if (this == FLOAT32 || !(array instanceof float[] floats)) {
            return array;
        }
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = this == MAGNITUDES ? Math.abs(floats[i]) : floats[i];
        }
        return values;
    }
}
