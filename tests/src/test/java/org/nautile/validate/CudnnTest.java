package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.abi.CudnnEmulatedProvider;
import org.nautile.jni.Ntl;
import org.nautile.nn.AvgPool2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.Sgd;

/** The calls of cuBLAS and cuDNN, on the emulator's stand-ins. {@code OpsTest} tests what they compute. */
class CudnnTest {
    private static final int STEPS = 5;
    private static final Pattern FUNCTION = Pattern.compile("F\\(int, (\\w+), ([^)]*)\\)");

    private static Device device() {
        try {
            return Device.of(CudnnEmulatedProvider.NAME);
        } catch (DeviceException e) {
            Assumptions.abort("SKIPPED: " + e.getMessage());
            throw e;
        }
    }

    /** The engine declares the functions as the headers of the libraries do, which JavaCPP has parsed. */
    @Test
    void functionsHaveTheParametersOfTheHeaders() throws IOException, ClassNotFoundException {
        String declared = Files.readString(Path.of("../kernels/include/nautile/library.hpp"))
                .replaceAll("\\s*\\\\\\n\\s*", " ");
        List<MatchResult> functions = FUNCTION.matcher(declared).results().toList();
        assertTrue(functions.size() > 30, functions.size() + " functions");
        for (MatchResult function : functions) {
            String name = function.group(1);
            List<String> kinds = Arrays.stream(function.group(2).split(", ", -1))
                    .map(CudnnTest::kind)
                    .toList();
            var library = Class.forName(
                    "org.bytedeco.cuda.global." + name.replaceAll("[A-Z].*", ""),
                    false,
                    getClass().getClassLoader());
            assertTrue(
                    Arrays.stream(library.getDeclaredMethods())
                            .filter(method -> method.getName().equals(name) && method.getReturnType() == int.class)
                            .anyMatch(method -> Arrays.stream(method.getParameterTypes())
                                    .map(CudnnTest::kind)
                                    .toList()
                                    .equals(kinds)),
                    () -> name + kinds + " is not in " + library);
        }
    }

    /** Of a C parameter. */
    private static String kind(String parameter) {
        String type = parameter.replaceAll(" \\w+$", "");
        return type.contains("*") ? "pointer" : type.equals("std::size_t") || type.equals("long long") ? "long" : type;
    }

    /** Of a parameter of the binding. */
    private static String kind(Class<?> type) {
        return Pointer.class.isAssignableFrom(type) ? "pointer" : type.getName();
    }

    /** A small classifier of pictures. */
    private static final class Training implements AutoCloseable {
        private final Generator random = new Generator(7, 0);
        private final Sequential model =
                new Sequential(new Conv2d(3, 5, 3, random), new AvgPool2d(2), new Flatten(), new Linear(20, 7, random));
        private final Sgd optimizer;
        private final Tensor x;
        private final Tensor y;

        Training(Device device) {
            model.to(device);
            optimizer = new Sgd(model, 0.1);
            float[] values = new float[2 * 3 * 6 * 7];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat(-1, 1);
            }
            x = Tensor.of(device, values, Shape.of(2, 3, 6, 7));
            y = Tensor.of(device, new long[] {2, 5}, Shape.of(2));
        }

        Tensor step() {
            optimizer.clearGradients();
            Tensor loss = Loss.crossEntropy().of(model.forward(x), y);
            Autograd.backward(loss);
            optimizer.step();
            return loss;
        }

        double eager() {
            try (Scope scope = new Scope()) {
                return step().item();
            }
        }

        @Override
        public void close() {
            model.close();
            x.close();
            y.close();
        }
    }

    @Test
    void aRecordedStepGivesTheSameBits() {
        double[] eager = new double[STEPS];
        try (Training training = new Training(device())) {
            for (int i = 0; i < STEPS; i++) {
                eager[i] = training.eager();
            }
        }
        assertNotEquals(eager[0], eager[STEPS - 1], "a training, not a constant");
        double[] recorded = new double[STEPS];
        try (Training training = new Training(device())) {
            recorded[0] = training.eager();
            try (Plan plan = Plan.record(device(), training::step)) {
                recorded[1] = plan.result().item();
                for (int i = 2; i < STEPS; i++) {
                    recorded[i] = plan.run().item();
                }
            }
        }
        assertArrayEquals(eager, recorded, 0);
    }

    /** Each call is made, and a failure of it is told: here by a function in its place that refuses every handle. */
    @ParameterizedTest
    @CsvSource({
        "matmul, cublasSgemmStridedBatched",
        "linear, cublasSgemmStridedBatched",
        "conv2d, cudnnTransformTensor",
        "conv2d, cudnnConvolutionForward",
        "conv2d, cudnnAddTensor",
        "conv2d, cudnnActivationForward",
        "conv2d, cudnnActivationBackward",
        "conv2d, cudnnConvolutionBackwardData",
        "conv2d, cudnnConvolutionBackwardFilter",
        "avg_pool2d, cudnnPoolingForward",
        "avg_pool2d, cudnnPoolingBackward",
        "softmax, cudnnSoftmaxForward",
        "softmax, cudnnSoftmaxBackward",
        "log_softmax, cudnnSoftmaxForward",
        "log_softmax, cudnnSoftmaxBackward"
    })
    void aFailureNamesTheCall(String op, String function) {
        Device device = device();
        give(function, "cudnnSetConvolutionGroupCount");
        try {
            Errors.says(
                    DeviceException.class,
                    () -> OpCases.of(op).forEach(test -> new Pass.Plan(test, device).run()),
                    function + " failed with status 2000");
        } finally {
            give(function, function);
        }
    }

    private static void give(String function, String given) {
        assertEquals(
                Ntl.NTL_OK,
                Ntl.ntl_library_function(function, Loader.addressof(given).address()));
    }

    @Test
    void aFunctionThatNobodyCallsIsRefused() {
        device();
        assertEquals(Ntl.NTL_BAD_ARGUMENT, Ntl.ntl_library_function("cudnnFlyAway", 1));
        assertTrue(Ntl.ntl_last_error().getString().contains("cudnnFlyAway"));
    }
}
