package org.nautile.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Generator;
import org.nautile.Shape;

/** What each augmentation does to small images, and that epoch and example alone decide it. */
class AugmentationTest {
    private static final float[] NUMBERS = {.1F, .2F, .3F, .4F, .5F, .6F, .7F, .8F, .9F};

    private static Augmentation.Image square(float... pixels) {
        int side = (int) Math.sqrt(pixels.length);
        return new Augmentation.Image(pixels, 1, side, side);
    }

    private static float[] apply(Augmentation augmentation, Augmentation.Image image, long stream) {
        return augmentation.apply(image, new Generator(1, stream)).pixels();
    }

    @Test
    void flipChangesLeftAndRight() {
        float[] flipped = {.3F, .2F, .1F, .6F, .5F, .4F, .9F, .8F, .7F};
        assertArrayEquals(flipped, apply(new Augmentation.Flip(1), square(NUMBERS), 0));
        assertArrayEquals(NUMBERS, apply(new Augmentation.Flip(0), square(NUMBERS), 0));
        long half = IntStream.range(0, 1000)
                .filter(i -> !Arrays.equals(NUMBERS, apply(new Augmentation.Flip(0.5), square(NUMBERS), i)))
                .count();
        assertEquals(500, (double) half, 60); // four standard deviations
    }

    @Test
    void cropMovesUpToThePadding() {
        Set<List<Integer>> moves = new HashSet<>();
        float[] dot = new float[49];
        dot[24] = 1; // the middle of 7 x 7
        for (int i = 0; i < 1000; i++) {
            float[] moved = apply(new Augmentation.Crop(2), square(dot), i);
            int at = IntStream.range(0, 49)
                    .filter(p -> moved[p] == 1)
                    .findFirst()
                    .orElseThrow();
            moves.add(List.of(at / 7 - 3, at % 7 - 3));
        }
        assertEquals(25, moves.size(), moves::toString);
        float[] left = apply(new Augmentation.Crop(9), square(NUMBERS), 4);
        assertTrue(IntStream.range(0, 9).allMatch(p -> left[p] == 0), "beyond the border is black");
    }

    @Test
    void turningAQuarterIsExact() {
        float[] quarter = {.3F, .6F, .9F, .2F, .5F, .8F, .1F, .4F, .7F}; // counterclockwise
        assertArrayEquals(quarter, square(NUMBERS).turned(Math.PI / 2, 1).pixels(), 1e-6F);
        assertArrayEquals(NUMBERS, apply(new Augmentation.Rotate(0), square(NUMBERS), 0));
        float[] dot = new float[49];
        dot[24] = 1;
        assertEquals(1, apply(new Augmentation.Rotate(180), square(dot), 3)[24], 1e-6, "the middle stays");
        assertFalse(Arrays.equals(NUMBERS, apply(new Augmentation.Rotate(30), square(NUMBERS), 3)));
    }

    @Test
    void scaleEnlargesAroundTheMiddle() {
        float[] twice = {.3F, .35F, .4F, .45F, .5F, .55F, .6F, .65F, .7F};
        assertArrayEquals(twice, apply(new Augmentation.Scale(2, 2), square(NUMBERS), 0), 1e-6F);
        float[] half = {0, 0, 0, 0, .5F, 0, 0, 0, 0};
        assertArrayEquals(half, apply(new Augmentation.Scale(0.5, 0.5), square(NUMBERS), 0), 1e-6F);
    }

    @Test
    void jitterKeepsGreyGreyAndScalesTheMean() {
        float[] grey = new float[12];
        Arrays.fill(grey, 0.4F);
        Augmentation.Image image = new Augmentation.Image(grey, 3, 2, 2);
        Augmentation jitter = new Augmentation.ColorJitter(0.25);
        Set<Float> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            float[] changed = apply(jitter, image, i);
            for (float value : changed) {
                assertEquals(changed[0], value, 1e-6, "one grey stays one grey");
            }
            assertEquals(0.4, changed[0], 0.1 + 1e-6);
            seen.add(changed[0]);
        }
        assertTrue(seen.size() > 90);

        // brightness, contrast and saturation of a red and a green pixel, by hand
        Augmentation.Image two = new Augmentation.Image(new float[] {1, 0, 0, 1, 0, 0}, 3, 1, 2);
        Generator random = new Generator(1, 7);
        double brightness = 0.75 + 0.5 * random.nextDouble();
        double contrast = 0.75 + 0.5 * random.nextDouble();
        double saturation = 0.75 + 0.5 * random.nextDouble();
        double mean = brightness * (0.299 + 0.587) / 2;
        double red = mean + contrast * (brightness - mean);
        double rest = mean - contrast * mean;
        double luminance = 0.299 * red + 0.701 * rest;
        assertEquals(luminance + saturation * (red - luminance), apply(jitter, two, 7)[0], 1e-6);
        assertEquals(luminance + saturation * (rest - luminance), apply(jitter, two, 7)[2], 1e-6);
    }

    @Test
    void noiseHasItsDeviation() {
        float[] noise = apply(new Augmentation.Noise(0.1), square(new float[10_000]), 0);
        double mean = 0;
        double square = 0;
        for (float value : noise) {
            mean += value / noise.length;
            square += (double) value * value / noise.length;
        }
        assertEquals(0, mean, 0.004);
        assertEquals(0.1, Math.sqrt(square), 0.003);
    }

    /** Three images of 2 x 2 colours in [-1, 1]. */
    private static ImageDataset images() {
        byte[] pixels = new byte[3 * 12];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (7 * i);
        }
        return new ImageDataset(pixels, new byte[] {0, 1, 2}, Shape.of(3, 2, 2), 3).scaled(-1, 1);
    }

    private static Stream<Augmentation> all() {
        return Stream.of(
                new Augmentation.Flip(0.5),
                new Augmentation.Crop(1),
                new Augmentation.Rotate(15),
                new Augmentation.Scale(0.8, 1.25),
                new Augmentation.ColorJitter(0.2),
                new Augmentation.Noise(0.05));
    }

    @ParameterizedTest
    @MethodSource("all")
    void epochAndExampleDecide(Augmentation augmentation) {
        Dataset set = images().flattened().augmented(5, List.of(augmentation));
        Set<String> seen = new HashSet<>();
        long[] target = new long[2];
        for (int epoch = 1; epoch <= 20; epoch++) {
            float[] first = new float[14];
            float[] again = new float[14];
            set.example(1, epoch, first, 1, target, 1);
            images().augmented(5, List.of(augmentation)).example(1, epoch, again, 1, target, 1);
            assertArrayEquals(first, again);
            assertEquals(1, target[1]);
            assertEquals(0, first[0] + first[13], "beside the example");
            assertTrue(IntStream.range(0, 14).allMatch(i -> first[i] >= -1 && first[i] <= 1));
            seen.add(Arrays.toString(first));
        }
        assertTrue(seen.size() > 1, "another change in another epoch");
        float[] plain = new float[12];
        float[] sample = new float[12];
        images().sample(1, plain, 0);
        set.sample(1, sample, 0);
        assertArrayEquals(plain, sample, "what is measured on is not changed");
        assertEquals(Shape.of(12), set.sampleShape());
    }

    @Test
    void nothingToDo() {
        ImageDataset set = images();
        assertSame(set, set.augmented(0, List.of()));
        float[] plain = new float[12];
        float[] example = new float[12];
        set.sample(2, plain, 0);
        set.augmented(0, List.of(new Augmentation.Flip(0))).example(2, 1, example, 0, new long[1], 0);
        assertArrayEquals(plain, example, 1e-6F);
    }

    @Test
    void settingsOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.Flip(1.1));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.Crop(-1));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.Rotate(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.Scale(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.Scale(1, 0.9));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.ColorJitter(-0.1));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.Noise(-1));
    }
}
