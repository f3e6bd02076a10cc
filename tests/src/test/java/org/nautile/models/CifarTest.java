package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.nn.Module;

/** The networks for CIFAR-10: sizes, names of parameters, shapes. */
class CifarTest {
    private record Network(String name, Function<Generator, Module> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Arguments network(
            String name, long parameters, String lastName, Shape input, Function<Generator, Module> make) {
        return Arguments.of(new Network(name, make), parameters, lastName, input);
    }

    private static Stream<Arguments> networks() {
        Shape image = Shape.of(2, 3, 32, 32);
        Shape row = Shape.of(2, 3072);
        return Stream.of(
                network("cifar-mlp", 3_426_250, "6.bias", row, random -> CifarMlp.network(1024, random)),
                network("cifar-cnn-small", 62_006, "11.bias", image, CifarCnnSmall::network),
                network("cifar-cnn", 5_852_170, "25.bias", image, random -> CifarCnn.network(32, true, true, random)),
                network("no dropout", 5_852_170, "23.bias", image, random -> CifarCnn.network(32, true, false, random)),
                network(
                        "no batch norm",
                        5_851_338,
                        "22.bias",
                        image,
                        random -> CifarCnn.network(32, false, true, random)),
                network("neither", 5_851_338, "20.bias", image, random -> CifarCnn.network(32, false, false, random)),
                network("cifar-resnet", 269_722, "fc.bias", image, random -> new CifarResnet.Network(16, random)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void sizesAndNames(Network network, long parameters, String lastName, Shape input) {
        Device before = Device.defaultDevice();
        Device.setDefault(Device.of("reference"));
        try (Scope scope = new Scope();
                Module model = network.make().apply(new Generator(3, 0))) {
            assertEquals(parameters, model.parameterCount());
            List<String> names = List.copyOf(model.parameters().keySet());
            assertEquals(lastName, names.get(names.size() - 1));
            Model.all().stream()
                    .filter(listed -> listed.name().equals(network.name()))
                    .forEach(listed -> assertEquals(parameters, listed.parameters()));
            if (parameters < 4_000_000) { // plain Java takes its time
                Tensor y = model.forward(Tensor.full(Device.defaultDevice(), DType.FLOAT32, input, 0.5));
                assertEquals(Shape.of(2, 10), y.shape());
            }
        } finally {
            Device.setDefault(before);
        }
    }

    /** The names that PyTorch's ResNets have, and batch norm's buffers after its parameters. */
    @Test
    void resnetHasTheUsualNames() {
        try (Scope scope = new Scope();
                Module model = new CifarResnet.Network(2, new Generator(3, 0))) {
            List<String> names = List.copyOf(model.state().keySet());
            assertEquals(
                    List.of(
                            "conv1.weight",
                            "bn1.weight",
                            "bn1.bias",
                            "bn1.running_mean",
                            "bn1.running_var",
                            "bn1.num_batches_tracked",
                            "layer1.0.conv1.weight"),
                    names.subList(0, 7));
            assertTrue(names.contains("layer3.2.bn2.running_var"), names::toString);
            assertEquals(
                    19, names.stream().filter(name -> name.contains("conv")).count());
        }
    }
}
