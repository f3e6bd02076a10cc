package org.nautile.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.models.Vit;
import org.nautile.nn.Module;

/** The network of patches, and what it attends to. */
@ExtendWith(RestoresDefaults.class)
class VisionTransformerTest {
    @Test
    void hasTheStatedParameters() {
        Vit model = new Vit();
        try (Module network = model.predictor().orElseThrow().network()) {
            assertEquals(model.parameters(), network.parameterCount());
        }
    }

    private static final Shape IMAGE = Shape.of(3, 4, 6);
    private static final int ROWS = 2; // of patches
    private static final int COLUMNS = 3;
    private static final int TOKENS = 1 + ROWS * COLUMNS;

    private final Generator random = new Generator(5, 0);
    private final Scope scope = new Scope();

    @BeforeEach
    void onReference() {
        Device.setDefault(Device.of("reference"));
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private VisionTransformer network(int layers) {
        return new VisionTransformer(IMAGE, 5, new VisionTransformer.Sizes(2, 8, 2, layers, 0), random);
    }

    private Tensor normal(long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(Device.defaultDevice(), values, shape);
    }

    @Test
    void saysScoresAndWhatItAttendsTo() {
        try (VisionTransformer network = network(3)) {
            Tensor x = normal(2, 3, 4, 6);
            assertEquals(Shape.of(2, 5), network.forward(x).shape());
            List<Tensor> weights = network.attention(x);
            assertEquals(3, weights.size());
            for (Tensor layer : weights) {
                assertEquals(Shape.of(2, 2, TOKENS, TOKENS), layer.shape());
                float[] values = layer.toFloatArray();
                for (int row = 0; row < values.length; row += TOKENS) {
                    double sum = 0;
                    for (int i = row; i < row + TOKENS; i++) {
                        sum += values[i];
                    }
                    assertEquals(1, sum, 1e-5);
                }
            }
        }
    }

    /** Without places all patches are alike but one: its row and column say which token is another. */
    @Test
    void tokensAreInTheOrderOfPatches() {
        try (VisionTransformer network = network(1)) {
            Objects.requireNonNull(network.parameters().get("places")).value().fill(0);
            for (int patch = 0; patch < ROWS * COLUMNS; patch++) {
                float[] pixels = new float[(int) IMAGE.size()];
                pixels[2 * (patch / COLUMNS) * 6 + 2 * (patch % COLUMNS)] = 3; // its upper left corner
                Tensor x = Tensor.of(Device.defaultDevice(), pixels, Shape.of(1, 3, 4, 6));
                float[] weights = network.attention(x).get(0).toFloatArray();
                int other = patch == 0 ? 2 : 1;
                for (int token = 1; token < TOKENS; token++) {
                    boolean alike = Math.abs(weights[token] - weights[other]) < 1e-6;
                    assertEquals(token - 1 != patch, alike, "patch " + patch + ", token " + token);
                }
            }
        }
    }

    /** The class token's row of the product of all matrices, each half the identity and half the heads' mean. */
    @Test
    void rolloutIsAProduct() {
        List<Tensor> weights = new ArrayList<>();
        double[][] product = identity();
        for (int layer = 0; layer < 3; layer++) {
            float[] values = new float[2 * TOKENS * TOKENS];
            double[][] mixed = identity();
            for (int row = 0; row < 2 * TOKENS; row++) {
                double sum = 0;
                for (int i = 0; i < TOKENS; i++) {
                    values[row * TOKENS + i] = random.nextFloat();
                    sum += values[row * TOKENS + i];
                }
                for (int i = 0; i < TOKENS; i++) {
                    values[row * TOKENS + i] /= (float) sum;
                    mixed[row % TOKENS][i] += values[row * TOKENS + i] / 2;
                }
            }
            weights.add(Tensor.of(Device.defaultDevice(), values, Shape.of(1, 2, TOKENS, TOKENS)));
            double[][] next = new double[TOKENS][TOKENS];
            for (int i = 0; i < TOKENS * TOKENS * TOKENS; i++) {
                int r = i / TOKENS / TOKENS;
                int m = i / TOKENS % TOKENS;
                int c = i % TOKENS;
                next[r][c] += mixed[r][m] / 2 * product[m][c]; // later layers on the left
            }
            product = next;
        }
        float[] rollout = VisionTransformer.rollout(weights);
        float[] expected = new float[TOKENS - 1];
        double sum = product[0][0];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) product[0][i + 1];
            sum += expected[i];
        }
        assertEquals(1, sum, 1e-6);
        assertArrayEquals(expected, rollout, 1e-6F);
        assertTrue(rollout[0] > 0.01, "something to compare");
    }

    private static double[][] identity() {
        double[][] matrix = new double[TOKENS][TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            matrix[i][i] = 1;
        }
        return matrix;
    }
}
