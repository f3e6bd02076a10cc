package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.RestoresDefaults;
import org.nautile.models.OpPages.Panel;

/** The numbers of the course's slides on convolution and pooling, on every device. */
@ExtendWith(RestoresDefaults.class)
class OpPagesTest {
    private static final double[][] IMAGE = {
        {0.2, 1.0, 0.3, 0.8, 0.1, 0.8, 0.6, 0.9},
        {0.7, 0.3, 0.3, 0.5, 0.4, 0.3, 0.3, 0.4},
        {0.2, 0.6, 0.7, 0.9, 0.9, 0.1, 0.3, 0.5},
        {0.8, 0.7, 0.1, 0.3, 0.3, 0.6, 0.9, 0.5},
        {0.7, 0.1, 0.1, 0.2, 0.8, 0.4, 0.9, 0.7},
        {0.9, 0.1, 0.8, 0.9, 0.6, 0.3, 0.1, 0.9},
        {0.8, 0.7, 0.2, 0.7, 0.0, 0.6, 0.9, 0.5},
        {0.9, 0.5, 0.1, 0.2, 0.0, 0.1, 0.1, 0.4}
    };
    private static final double[][] SLIDES_MAX = {
        {1.0, 0.8, 0.8, 0.9}, {0.8, 0.9, 0.9, 0.9}, {0.9, 0.9, 0.8, 0.9}, {0.9, 0.7, 0.6, 0.9}
    };

    /** Rounded by the slides to one digit, halves not always the same way. */
    private static final double[][] SLIDES_AVERAGE = {
        {0.5, 0.5, 0.4, 0.6}, {0.6, 0.5, 0.5, 0.5}, {0.4, 0.5, 0.5, 0.6}, {0.7, 0.3, 0.2, 0.5}
    };

    private static final double[][] AVERAGE = {
        {0.55, 0.475, 0.4, 0.55},
        {0.575, 0.5, 0.475, 0.55},
        {0.45, 0.5, 0.525, 0.65},
        {0.725, 0.3, 0.175, 0.475}
    };

    private static Panel panel(String op, int index) {
        return OpPages.page(op).get(index);
    }

    private static void same(double[][] expected, Panel panel, double error) {
        assertEquals(expected.length, panel.rows().length, panel.title());
        for (int r = 0; r < expected.length; r++) {
            double[] row = new double[panel.rows()[r].length];
            for (int c = 0; c < row.length; c++) {
                row[c] = panel.rows()[r][c];
            }
            assertArrayEquals(expected[r], row, error, panel.title() + ", row " + r);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void poolingHasTheSlidesNumbers(Device device) {
        Device.setDefault(device);
        same(IMAGE, panel("max_pool2d", 0), 1e-7);
        same(SLIDES_MAX, panel("max_pool2d", 2), 1e-7);
        same(AVERAGE, panel("avg_pool2d", 2), 1e-6);
        same(SLIDES_AVERAGE, panel("avg_pool2d", 2), 0.05 + 1e-6);
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void squeezingLosesNothing(Device device) {
        Device.setDefault(device);
        List<Panel> panels = OpPages.page("squeeze2d");
        for (int channel = 0; channel < 4; channel++) {
            double[][] expected = new double[4][4];
            for (int r = 0; r < 4; r++) {
                for (int c = 0; c < 4; c++) {
                    expected[r][c] = IMAGE[2 * r + channel / 2][2 * c + channel % 2];
                }
            }
            same(expected, panels.get(1 + channel), 1e-7);
        }
        same(IMAGE, panels.get(5), 1e-7);
    }

    /** Input, kernels, then k3p0s1, k5p0s1, k3p1s1, k3p1s2, k3p1s3: by the slide's own formula. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void convolutionsFollowTheSlidesFormula(Device device) {
        Device.setDefault(device);
        List<Panel> panels = OpPages.page("conv2d");
        int[][] settings = {{3, 0, 1, 6}, {5, 0, 1, 4}, {3, 1, 1, 8}, {3, 1, 2, 4}, {3, 1, 3, 3}};
        assertEquals(3 + settings.length, panels.size());
        for (int i = 0; i < settings.length; i++) {
            int size = settings[i][0];
            int padding = settings[i][1];
            int stride = settings[i][2];
            int out = settings[i][3];
            double[][] expected = new double[out][out];
            for (int r = 0; r < out; r++) {
                for (int c = 0; c < out; c++) {
                    for (int m = 0; m < size; m++) {
                        for (int n = 0; n < size; n++) {
                            int y = r * stride + m - padding;
                            int x = c * stride + n - padding;
                            double weight = size == 5 ? 0.04 : n - 1;
                            expected[r][c] += y < 0 || y >= 8 || x < 0 || x >= 8 ? 0 : weight * IMAGE[y][x];
                        }
                    }
                }
            }
            Panel found = panels.get(3 + i);
            assertEquals("kernel " + size + ", padding " + padding + ", stride " + stride, found.title());
            same(expected, found, 1e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void paddingHasFourModes(Device device) {
        Device.setDefault(device);
        List<Panel> panels = OpPages.page("pad");
        int[][] before = {{-1, -1}, {1, 6}, {0, 7}, {7, 0}}; // the line that comes before 0, and that after 7
        assertEquals(1 + before.length, panels.size());
        for (int mode = 0; mode < before.length; mode++) {
            double[][] expected = new double[10][10];
            for (int r = 0; r < 10; r++) {
                for (int c = 0; c < 10; c++) {
                    int y = r == 0 ? before[mode][0] : r == 9 ? before[mode][1] : r - 1;
                    int x = c == 0 ? before[mode][0] : c == 9 ? before[mode][1] : c - 1;
                    expected[r][c] = y < 0 || x < 0 ? 0 : IMAGE[y][x];
                }
            }
            same(expected, panels.get(1 + mode), 1e-7);
        }
        assertThrows(IllegalArgumentException.class, () -> OpPages.page("softmax"));
    }
}
