package org.nautile.models.points;

import java.util.Locale;
import org.nautile.Generator;

/** Distributions on the line whose density is known. */
public enum LineSet {
    /** Three normal distributions that overlap little. */
    MIXTURE {
        @Override
        double draw(Generator random) {
            double u = random.nextDouble();
            int part = u < WEIGHTS[0] ? 0 : u < WEIGHTS[0] + WEIGHTS[1] ? 1 : 2;
            return MEANS[part] + DEVIATIONS[part] * random.nextGaussian();
        }

        @Override
        public double density(double x) {
            double sum = 0;
            for (int i = 0; i < MEANS.length; i++) {
                double u = (x - MEANS[i]) / DEVIATIONS[i];
                sum += WEIGHTS[i] * Math.exp(-u * u / 2) / (Math.sqrt(2 * Math.PI) * DEVIATIONS[i]);
            }
            return sum;
        }
    },
    /** The exponential distribution, from -1 on, with mean 0: its density jumps. */
    EXPONENTIAL {
        @Override
        double draw(Generator random) {
            return -Math.log(1 - random.nextDouble()) - 1;
        }

        @Override
        public double density(double x) {
            return x < -1 ? 0 : Math.exp(-x - 1);
        }
    },
    /** All numbers from -2 to 2 alike. */
    UNIFORM {
        @Override
        double draw(Generator random) {
            return 4 * random.nextDouble() - 2;
        }

        @Override
        public double density(double x) {
            return Math.abs(x) <= 2 ? 0.25 : 0;
        }
    };

    private static final double[] WEIGHTS = {0.35, 0.4, 0.25};
    private static final double[] MEANS = {-2, 0, 2.2};
    private static final double[] DEVIATIONS = {0.4, 0.5, 0.7};

    abstract double draw(Generator random);

    /**
     * The true density.
     *
     * @param x any number
     * @return {@code >= 0}
     */
    public abstract double density(double x);

    /**
     * Draws numbers.
     *
     * @param size how many, {@code >= 1}
     * @param seed of the random numbers
     * @return points of one coordinate and one class
     */
    public Points draw(int size, long seed) {
        Generator random = new Generator(seed, 0);
        float[] places = new float[size];
        for (int i = 0; i < size; i++) {
            places[i] = (float) draw(random);
        }
        return new Points(places, new int[size], 1);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
