package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Losses;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.models.segmentation.Crops;
import org.nautile.models.segmentation.Nuclei;
import org.nautile.models.segmentation.Tiles;
import org.nautile.optim.Adam;
import org.nautile.optim.Trainer;

/** The network by itself: its size, its names, its reach, and that devices agree on how it learns. */
class UnetTest {
    private static Unet.Network network(int levels, int base, int outputs) {
        return new Unet.Network(levels, base, outputs, true, new Generator(7, 0));
    }

    /** PyTorch counts as many of the same layers. */
    @Test
    void parameters() {
        try (Unet.Network one = network(4, 16, 1);
                Unet.Network three = network(4, 16, 3)) {
            assertEquals(1_943_761, one.parameterCount());
            assertEquals(new Unet().parameters(), one.parameterCount());
            assertEquals(1_943_761 + 2 * 17, three.parameterCount());
            List<String> names = List.copyOf(one.parameters().keySet());
            assertEquals(List.of("d0.0.weight", "d0.0.bias", "d0.1.weight", "d0.1.bias"), names.subList(0, 4));
            assertEquals(List.of("out.weight", "out.bias"), names.subList(names.size() - 2, names.size()));
            assertTrue(one.state().containsKey("c0.4.running_var"));
        }
    }

    /** Which pixels a result depends on: within reach, and not only near. */
    @ParameterizedTest
    @CsvSource({"1, 32", "2, 64"})
    void nothingBeyondReachMatters(int levels, int side) {
        Device device = Devices.reference();
        try (Scope scope = new Scope();
                Unet.Network network = network(levels, 8, 1);
                Autograd.Pause pause = Autograd.noGrad()) {
            network.to(device);
            network.train(false);
            float[] pixels = noise(side * side);
            float[] before = forward(network, device, pixels, side);
            int farthest = 0;
            for (int at = side / 2; at < side / 2 + (1 << levels); at++) {
                float[] changed = pixels.clone();
                changed[at * side + at] += 100;
                float[] after = forward(network, device, changed, side);
                for (int i = 0; i < after.length; i++) {
                    if (after[i] != before[i]) {
                        farthest = Math.max(farthest, Math.max(Math.abs(i / side - at), Math.abs(i % side - at)));
                    }
                }
            }
            int reach = Unet.Network.reach(levels);
            assertTrue(farthest <= reach, farthest + " pixels, said to be " + reach);
            assertTrue(farthest > reach / 2, "the bound is not far off: " + farthest + " of " + reach);
        }
    }

    private static float[] noise(int size) {
        Generator random = new Generator(1, 1);
        float[] pixels = new float[size];
        for (int i = 0; i < size; i++) {
            pixels[i] = random.nextFloat();
        }
        return pixels;
    }

    private static float[] forward(Unet.Network network, Device device, float[] pixels, int width) {
        try (Scope scope = new Scope()) {
            Shape shape = Shape.of(1, 1, pixels.length / width, width);
            return network.forward(Tensor.of(device, pixels, shape)).toFloatArray();
        }
    }

    /** No seams: in tiles as in one piece, to rounding. */
    @Test
    void tilesAreTheWhole() {
        Device device = Devices.cpu();
        int levels = 2;
        int height = 150;
        int width = 203;
        try (Unet.Network network = network(levels, 4, 3);
                Autograd.Pause pause = Autograd.noGrad()) {
            network.to(device);
            network.train(false);
            float[] pixels = noise(height * width);
            Tiles.Network run = (tile, h, w) -> forward(network, device, tile, w);
            int reach = Unet.Network.reach(levels);
            float[] whole = new Tiles(208, 0, 4).apply(pixels, height, width, 3, run);
            float[] tiled = new Tiles(96, reach, 4).apply(pixels, height, width, 3, run);
            float[] seams = new Tiles(96, 0, 4).apply(pixels, height, width, 3, run);
            assertArrayEquals(whole, tiled, 1e-5F);
            double worst = 0;
            for (int i = 0; i < whole.length; i++) {
                worst = Math.max(worst, Math.abs(whole[i] - seams[i]));
            }
            assertTrue(worst > 1e-3, "without an overlap there are seams: " + worst);
        }
    }

    static Stream<Device> devices() {
        return Devices.usable().filter(device -> !device.name().equals("reference"));
    }

    /** Five steps of a narrow network, recorded or not: losses within 1e-4 of the reference's, relatively. */
    @ParameterizedTest
    @MethodSource("devices")
    void devicesAgree(Device device) {
        List<Double> expected = losses(Devices.reference(), false);
        assertEquals(5, expected.size());
        assertTrue(expected.get(4) < expected.get(0), "it learns");
        List<Double> eager = losses(device, false);
        Losses.assertNear(expected, eager);
        assertEquals(eager, losses(device, true), "the same bits when recorded");
    }

    private static List<Double> losses(Device device, boolean recorded) {
        Device before = Device.defaultDevice();
        Device.setDefault(device);
        Unet unet = new Unet();
        try (Unet.Network network = network(2, 3, 1)) {
            Crops crops = new Crops(Nuclei.generate(3, 10, 1, 32).train(), 32, 1, false, 0);
            return Losses.of(Trainer.of(network)
                    .optimizer(new Adam(network, 0.01, 0.9, 0.999, 1e-8, 0))
                    .train(crops)
                    .objective(batch -> unet.objective(network, batch))
                    .batchSize(2)
                    .device(device)
                    .recorded(recorded));
        } finally {
            Device.setDefault(before);
        }
    }
}
