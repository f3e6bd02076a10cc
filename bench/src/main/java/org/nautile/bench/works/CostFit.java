package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.nautile.bench.works.KernelCost.Term;

/**
 * Finds what each amount of a kernel's work costs from the times of kernels: the numbers of {@link Efficiency}. For each kind, least
 * squares of the logarithm of predicted over measured, in which large errors count only linearly; by the method of Levenberg
 * and Marquardt (Marquardt 1963, "An algorithm for least-squares estimation of nonlinear parameters") on the logarithms of the
 * factors, which are positive.
 */
final class CostFit {
    private static final double LARGE = 0.1; // of errors of the logarithm
    private static final int ITERATIONS = 200;
    private static final double NO_WAY_DOWN = 1e12; // damping: the steps are too small to matter
    private static final double NOTHING = 1e-3; // a factor that small says that the amount costs nothing

    private final List<Sample> samples;
    private final double rate; // operations a second
    private final Map<String, double[]> factors = new TreeMap<>();

    /**
     * A kernel that was timed.
     *
     * @param name what it is
     * @param terms what it has to do
     * @param memory seconds that its data takes
     * @param seconds what it took
     */
    record Sample(String name, List<Term> terms, double memory, double seconds) {}

    /**
     * How well a kind is predicted.
     *
     * @param kind its name
     * @param factors of its amounts
     * @param samples how many there were
     * @param error the root of the mean square of the logarithm of predicted over measured
     */
    record Kind(String kind, double[] factors, int samples, double error) {}

    CostFit(List<Sample> samples, double rate) {
        this.samples = samples;
        this.rate = rate;
    }

    /** Fits all kinds: first those that stand alone in a kernel, then those of which the others in their kernels are known. */
    List<Kind> kinds() {
        Set<String> left = new TreeSet<>();
        samples.forEach(sample -> sample.terms().forEach(term -> left.add(term.kind())));
        List<Kind> found = new ArrayList<>();
        for (boolean more = true; more; ) {
            List<Kind> next = new ArrayList<>();
            for (String kind : left) {
                List<Sample> of = samples.stream()
                        .filter(sample -> sample.terms().stream()
                                        .anyMatch(term -> term.kind().equals(kind))
                                && sample.terms().stream()
                                        .allMatch(term -> term.kind().equals(kind) || factors.containsKey(term.kind())))
                        .toList();
                if (!of.isEmpty()) {
                    next.add(fitted(kind, of));
                }
            }
            next.forEach(kind -> factors.put(kind.kind(), kind.factors()));
            next.forEach(kind -> left.remove(kind.kind()));
            found.addAll(next);
            more = !next.isEmpty();
        }
        return found;
    }

    private Kind fitted(String kind, List<Sample> of) {
        int count = 0;
        for (Sample sample : of) {
            for (Term term : sample.terms()) {
                count = Math.max(count, term.kind().equals(kind) ? term.amounts().length : 0);
            }
        }
        double[][] amounts = new double[of.size()][count]; // seconds at the peak rate
        double[] others = new double[of.size()];
        for (int i = 0; i < amounts.length; i++) {
            for (Term term : of.get(i).terms()) {
                if (term.kind().equals(kind)) {
                    for (int j = 0; j < term.amounts().length; j++) {
                        amounts[i][j] += term.amounts()[j] / rate;
                    }
                } else {
                    others[i] += Efficiency.operations(factors, List.of(term)) / rate;
                }
            }
        }
        Problem problem = new Problem(of, amounts, others);
        double[] best = problem.solve(problem.start(-1));
        for (int amount = 0; amount < count; amount++) {
            double[] other = problem.solve(problem.start(amount));
            best = problem.cost(other) < problem.cost(best) ? other : best;
        }
        double[] found = new double[count];
        for (int j = 0; j < count; j++) {
            int amount = j;
            boolean seen = Arrays.stream(amounts).anyMatch(row -> row[amount] > 0);
            found[j] = seen && Math.exp(best[j]) >= NOTHING ? Math.exp(best[j]) : 0;
        }
        double[] errors = problem.errors(best);
        double square = Arrays.stream(errors).map(e -> e * e).average().orElse(0);
        return new Kind(kind, found, of.size(), Math.sqrt(square));
    }

    /** One kind's factors, as logarithms, given those of others. */
    private record Problem(List<Sample> samples, double[][] amounts, double[] others) {
        /** All amounts cost the same share of the time, or one of them nearly all: its place, -1 for none. */
        double[] start(int most) {
            int count = amounts[0].length;
            double[] start = new double[count];
            for (int j = 0; j < count; j++) {
                int amount = j;
                double[] whole = new double[samples.size()];
                Arrays.setAll(whole, i -> samples.get(i).seconds() / amounts[i][amount]);
                double[] finite =
                        Arrays.stream(whole).filter(Double::isFinite).sorted().toArray();
                double median = finite.length == 0 ? 1 : finite[finite.length / 2];
                start[j] = Math.log(median * (most < 0 ? 1.0 / count : j == most ? 0.9 : 0.01));
            }
            return start;
        }

        private double computing(int i, double[] logs) {
            double seconds = others[i];
            for (int j = 0; j < logs.length; j++) {
                seconds += Math.exp(logs[j]) * amounts[i][j];
            }
            return seconds;
        }

        /** Of each sample, the logarithm of predicted over measured. */
        double[] errors(double[] logs) {
            double[] errors = new double[samples.size()];
            Arrays.setAll(
                    errors,
                    i -> Math.log((Processor.KERNEL
                                    + Math.max(
                                            computing(i, logs), samples.get(i).memory()))
                            / samples.get(i).seconds()));
            return errors;
        }

        double cost(double[] logs) {
            return Arrays.stream(errors(logs))
                    .map(e -> Math.sqrt(1 + e * e / (LARGE * LARGE)) - 1)
                    .sum();
        }

        double[] solve(double[] start) {
            double[] logs = start;
            double cost = cost(logs);
            double damping = 1;
            for (int i = 0; i < ITERATIONS && damping < NO_WAY_DOWN; i++) {
                double[] next = step(logs, damping);
                double better = cost(next);
                boolean accepted = better < cost;
                if (accepted) {
                    logs = next;
                    cost = better;
                }
                damping = accepted ? damping / 3 : 4 * damping;
            }
            return logs;
        }

        private double[] step(double[] logs, double damping) {
            int count = logs.length;
            double[][] matrix = new double[count][count + 1];
            double[] errors = errors(logs);
            for (int i = 0; i < errors.length; i++) {
                double computing = computing(i, logs);
                if (computing < samples.get(i).memory()) {
                    continue; // its time does not depend on the factors
                }
                double weight = 1 / Math.sqrt(1 + errors[i] * errors[i] / (LARGE * LARGE));
                double[] slopes = new double[count];
                for (int j = 0; j < count; j++) {
                    slopes[j] = Math.exp(logs[j]) * amounts[i][j] / (Processor.KERNEL + computing);
                }
                for (int j = 0; j < count; j++) {
                    for (int k = 0; k < count; k++) {
                        matrix[j][k] += weight * slopes[j] * slopes[k];
                    }
                    matrix[j][count] -= weight * slopes[j] * errors[i];
                }
            }
            for (int j = 0; j < count; j++) {
                matrix[j][j] += damping * matrix[j][j] + 1e-9; // no sample may depend on the factor
            }
            double[] change = solved(matrix);
            double[] next = logs.clone();
            for (int j = 0; j < count; j++) {
                next[j] += Math.max(-2, Math.min(2, change[j])); // a factor changes by less than one of 8 at once
            }
            return next;
        }

        /** The solution of linear equations with a positive definite matrix, whose last column is the right side. */
        private static double[] solved(double[][] matrix) {
            int count = matrix.length;
            for (int pivot = 0; pivot < count; pivot++) {
                for (int row = pivot + 1; row < count; row++) {
                    double share = matrix[row][pivot] / matrix[pivot][pivot];
                    for (int column = pivot; column <= count; column++) {
                        matrix[row][column] -= share * matrix[pivot][column];
                    }
                }
            }
            double[] x = new double[count];
            for (int row = count - 1; row >= 0; row--) {
                double rest = matrix[row][count];
                for (int column = row + 1; column < count; column++) {
                    rest -= matrix[row][column] * x[column];
                }
                x[row] = rest / matrix[row][row];
            }
            return x;
        }
    }
}
