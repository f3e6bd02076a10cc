package org.nautile.bench.works;

import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;

/** The inputs of one work on one device: the same numbers on every device. */
final class Inputs {
    private static final long SEED = 20261124;

    private final Device device;
    private final Device judge;
    private final Generator random = new Generator(SEED, 0);

    /**
     * Inputs on a device.
     *
     * @param judge the device with whose results those of {@code device} are compared
     */
    Inputs(Device device, Device judge) {
        this.device = device;
        this.judge = judge;
    }

    /** Inputs on a device whose results are compared elsewhere, or not at all. */
    Inputs(Device device) {
        this(device, device);
    }

    /** The same numbers, from the first on, on this device. */
    Inputs again() {
        return new Inputs(device, judge);
    }

    /** The same numbers, from the first on, on the device that results are compared with. */
    Inputs judges() {
        return new Inputs(judge, judge);
    }

    Device device() {
        return device;
    }

    /** Numbers uniform in [-1, 1): zeros would flatter the power limit, integers the rounding. */
    float[] values(long size) {
        float[] values = new float[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return values;
    }

    Tensor uniform(long... dims) {
        Shape shape = Shape.of(dims);
        return Tensor.of(device, values(shape.size()), shape);
    }

    /** Class labels below a bound, int64. */
    Tensor labels(int count, int classes) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(classes);
        }
        return Tensor.of(device, values, Shape.of(count));
    }

    /** Zeros and ones, float32. */
    Tensor bits(long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = values(shape.size());
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] > 0 ? 1 : 0;
        }
        return Tensor.of(device, values, shape);
    }
}
