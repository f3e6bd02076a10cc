package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Losses;
import org.nautile.RestoresDefaults;
import org.nautile.Shape;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.optim.Adam;
import org.nautile.optim.Trainer;

@ExtendWith(RestoresDefaults.class)
class MnistGanTest {
    private static final Map<MnistGan.Kind, List<Double>> RIGHT = new EnumMap<>(MnistGan.Kind.class);

    @TempDir
    private Path folder = Path.of("");

    @Test
    void parameters() {
        try (MnistGan.Networks networks = new MnistGan.Networks(MnistGan.Kind.MLP, new Generator(0, 0))) {
            assertEquals(1_083_921, networks.parameterCount());
        }
        try (MnistGan.Networks networks = new MnistGan.Networks(MnistGan.Kind.DCGAN, new Generator(0, 0))) {
            int generator = 64 * 64 * 49 + 2 * 64 + 64 * 32 * 16 + 2 * 32 + 32 * 16 + 1;
            int discriminator = 32 * 16 + 32 + 32 * 64 * 16 + 2 * 64 + 64 * 49 + 1;
            assertEquals(generator + discriminator, networks.parameterCount());
            assertEquals(new MnistGan().parameters(), networks.parameterCount());
        }
    }

    static Stream<Arguments> everywhere() {
        return Devices.usable()
                .flatMap(there -> Arrays.stream(MnistGan.Kind.values()).map(kind -> Arguments.of(there, kind)));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void firstStepsAgreeWithReference(Device there, MnistGan.Kind kind) {
        List<Double> right = RIGHT.computeIfAbsent(kind, same -> losses(Devices.reference(), same, false));
        assertEquals(5, right.size());
        Losses.assertNear(right, losses(there, kind, false));
    }

    @ParameterizedTest
    @EnumSource(MnistGan.Kind.class)
    void recordedStepsHaveTheSameBits(MnistGan.Kind kind) {
        assertEquals(losses(Devices.cpu(), kind, false), losses(Devices.cpu(), kind, true));
    }

    private static List<Double> losses(Device where, MnistGan.Kind kind, boolean recorded) {
        Device.setDefault(where);
        try (MnistGan.Networks model = new MnistGan.Networks(kind, new Generator(1, 0))) {
            Adam generator = new Adam(model.generator, 2e-4, 0.5, 0.999, 1e-8, 0);
            Adam discriminator = new Adam(model.discriminator, 2e-4, 0.5, 0.999, 1e-8, 0);
            return Losses.of(Trainer.of(model)
                    .optimizer(generator, discriminator)
                    .step(batch -> MnistGan.step(model, generator, discriminator, batch))
                    .recorded(recorded)
                    .train(new ImagesWithNoise(Mnist.generate(1, 20), MnistGan.NOISE, 3))
                    .batchSize(4)
                    .device(where));
        }
    }

    @Test
    void noiseFollowsFromSeedExampleAndEpoch() {
        ImageDataset images = Mnist.generate(3, 20);
        ImagesWithNoise examples = new ImagesWithNoise(images, 64, 5);
        assertEquals(Shape.of(784 + 64), examples.sampleShape());
        float[] first = example(examples, 7, 1);
        float[] pixels = images.pixels(7);
        for (int i = 0; i < 784; i++) {
            assertEquals(2 * pixels[i] - 1, first[i]);
        }
        assertArrayEquals(first, example(new ImagesWithNoise(images, 64, 5), 7, 1));
        for (float[] other : List.of(
                example(examples, 7, 2), example(examples, 8, 1), example(new ImagesWithNoise(images, 64, 6), 7, 1))) {
            assertFalse(Arrays.equals(first, 784, 848, other, 784, 848));
        }
    }

    private static float[] example(ImagesWithNoise examples, int index, int epoch) {
        float[] x = new float[848];
        examples.example(index, epoch, x, 0, new long[1], 0);
        return x;
    }

    @Test
    void aGoodJudgeIsKept() throws IOException {
        Path file = folder.resolve("new/judge.safetensors");
        Digits digits = new Digits(Mnist.generate(1, 1000), Mnist.generate(2, 200), "drawn");
        Device here = Device.defaultDevice();
        try (DigitJudge judge = DigitJudge.open(file, 1.1, digits, here, 1)) {
            assertFalse(Files.exists(file), "not good enough");
            assertTrue(judge.accuracy() > 0.3, () -> "accuracy " + judge.accuracy());
        }
        int[] answers;
        try (DigitJudge judge = DigitJudge.open(file, 0.2, digits, here, 1)) {
            DigitJudge.Judgement judgement = judge.judge(digits.test());
            answers = judgement.answers();
            int right = 0;
            for (int i = 0; i < answers.length; i++) {
                right += answers[i] == digits.test().label(i) ? 1 : 0;
                assertEquals(64, judgement.features()[i].length);
            }
            assertEquals(judge.accuracy(), right / 200.0, 1e-12);
        }
        byte[] written = Files.readAllBytes(file);
        try (DigitJudge judge = DigitJudge.open(file, 0.2, digits, here, 2)) { // another seed would train another judge
            assertArrayEquals(answers, judge.judge(digits.test()).answers());
        }
        assertArrayEquals(written, Files.readAllBytes(file));
    }

    @Test
    void entropyOfShares() {
        assertArrayEquals(new double[] {0.25, 0, 0.75}, GanPictures.shares(new int[] {2, 0, 2, 2}, 3), 1e-15);
        assertEquals(Math.log(10), GanPictures.entropy(new double[] {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1}), 1e-12);
        assertEquals(0, GanPictures.entropy(0, 1, 0));
    }
}
