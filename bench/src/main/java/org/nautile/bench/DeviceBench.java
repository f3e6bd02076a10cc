package org.nautile.bench;

import java.util.concurrent.TimeUnit;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.bench.works.Comparison;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What all benches share: device, threads, inputs. Before anything is timed, its result is compared with the device
 * {@code reference}: a wrong answer has no speed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1) // the first is mostly compilation
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED") // memory layout changes between forks
public abstract class DeviceBench {
    /** The device. */
    @Param("cpu")
    public String device = "cpu";

    /** The number of threads. */
    @Param("1")
    public int threads = 1;

    /** Stands for a tensor until setup. */
    static final Tensor NOTHING = Tensor.zeros(0);

    private final Generator random = new Generator(20261124, 0);

    /** The device to make inputs on; sets the number of threads. */
    final Device open() {
        Threads.set(threads);
        return Device.of(device);
    }

    /** A float32 input with numbers uniform in [-1, 1): zeros would flatter the power limit, integers the rounding. */
    final Tensor uniform(long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return Tensor.of(open(), values, shape);
    }

    /** An int64 input with labels below a bound. */
    final Tensor labels(int count, int classes) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(classes);
        }
        return Tensor.of(open(), values, Shape.of(count));
    }

    /** The device that defines what is right. */
    static Device reference() {
        return Device.of("reference");
    }

    /** Throws if two tensors differ by more than rounding. */
    static void requireClose(String name, Tensor expected, Tensor actual) {
        Comparison.requireClose(name, expected, actual);
    }
}
