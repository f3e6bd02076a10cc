package org.nautile.validate;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.MatmulPrecision;
import org.nautile.Shape;
import org.nautile.op.Op;

/**
 * One use of an op, with what may be asked of the result. Described once, by the class {@code <Op>Cases} of its op, and only
 * read afterwards:
 *
 * <pre>{@code
 * new OpCase(new SoftmaxOp(-1), "uniform").input(Draw.uniform(-3, 3), 7, 13).forward(budget).backward(budget).inPlace()
 * }</pre>
 */
public final class OpCase {
    /** A result computed a second time, with other code than the device {@code reference}'s. */
    @FunctionalInterface
    public interface Formula {
        /**
         * The right result.
         *
         * @param inputs the elements of each input, row by row
         * @return the elements of the output, row by row
         */
        double[] of(double[][] inputs);
    }

    /** What the gradient of the first input may be written over, besides memory of its own. */
    public enum Overwrites {
        /** Nothing. */
        NOTHING,
        /** The gradient by the output. */
        UPSTREAM,
        /** The first input itself. */
        INPUT
    }

    private final Op op;
    private final String label;
    private final List<Input> inputs = new ArrayList<>();
    private final Set<Integer> constants = new HashSet<>();
    private final Set<Integer> state = new HashSet<>();
    private Budget forward = Budget.exact("no budget was stated");
    private @Nullable Budget backward;
    private Draw upstream = Draw.uniform(-1, 1).awayFrom(0, 0.01);
    private @Nullable Formula formula;
    private int inPlace = -1;
    private Overwrites gradient = Overwrites.NOTHING;
    private final Set<Exemption> stated = EnumSet.noneOf(Exemption.class);
    private final List<Object> arrays = new ArrayList<>();
    private @Nullable String kernels;
    private MatmulPrecision precision = MatmulPrecision.HIGHEST;
    private float[] outputGradient = {};
    private @Nullable Device passed;
    private @Nullable Pass pass;
    private @Nullable Expected expected;

    /**
     * A case without inputs.
     *
     * @param op the op
     * @param label what is particular, for example {@code "rows of -inf"}
     */
    public OpCase(Op op, String label) {
        this.op = op;
        this.label = label;
    }

    /**
     * Adds a float32 input.
     *
     * @param draw its elements
     * @param dims its shape
     * @return this
     */
    public OpCase input(Draw draw, long... dims) {
        return input(DType.FLOAT32, draw, dims);
    }

    /**
     * Adds an input.
     *
     * @param dtype its type
     * @param draw its elements
     * @param dims its shape
     * @return this
     */
    public OpCase input(DType dtype, Draw draw, long... dims) {
        inputs.add(new Input(dtype, Shape.of(dims), draw));
        return this;
    }

    /**
     * Adds a float32 input that there is no gradient by.
     *
     * @param draw its elements
     * @param dims its shape
     * @return this
     */
    public OpCase constant(Draw draw, long... dims) {
        constants.add(inputs.size());
        return input(draw, dims);
    }

    /**
     * States that inputs are state, which the op may change and which has no gradient.
     *
     * @param which the inputs
     * @return this
     */
    public OpCase state(int... which) {
        for (int input : which) {
            state.add(input);
        }
        return this;
    }

    /**
     * States how far the output may be from right.
     *
     * @param budget the budget
     * @return this
     */
    public OpCase forward(Budget budget) {
        forward = budget;
        return this;
    }

    /**
     * States that there are gradients by all float32 inputs but constants, and how far they may be from right.
     *
     * @param budget the budget
     * @return this
     */
    public OpCase backward(Budget budget) {
        backward = budget;
        return this;
    }

    /**
     * Sets how the gradient by the output is made. Otherwise it is uniform in +-1.
     *
     * @param draw its elements
     * @return this
     */
    public OpCase upstream(Draw draw) {
        upstream = draw;
        return this;
    }

    /**
     * Adds a formula that the device {@code reference} is held to.
     *
     * @param right the formula
     * @return this
     */
    public OpCase formula(Formula right) {
        formula = right;
        return this;
    }

    /**
     * States that the output may be written over an input.
     *
     * @param input which
     * @return this
     */
    public OpCase inPlace(int input) {
        inPlace = input;
        return this;
    }

    /**
     * States what the gradient of the first input may be written over.
     *
     * @param over what
     * @return this
     */
    public OpCase gradientOver(Overwrites over) {
        gradient = over;
        return this;
    }

    /**
     * States that inputs are at or near kinks or infinities: finite differences would be wrong there.
     *
     * @return this
     */
    public OpCase rough() {
        stated.add(Exemption.ROUGH);
        return this;
    }

    /**
     * States that sums may be added in another order where inputs have other strides: bits may then differ.
     *
     * @return this
     */
    public OpCase orderByStrides() {
        stated.add(Exemption.STRIDES);
        return this;
    }

    /**
     * States that results of nothing but zeros are what is expected here.
     *
     * @return this
     */
    public OpCase zeros() {
        stated.add(Exemption.ZEROS);
        return this;
    }

    /**
     * The op.
     *
     * @return the op
     */
    public Op op() {
        return op;
    }

    /**
     * The label and the inputs' shapes.
     *
     * @return for example {@code "uniform [7,13]"}
     */
    public String name() {
        return label + " "
                + inputs.stream()
                        .map(input -> input.shape()
                                + (input.dtype() == DType.FLOAT32
                                        ? ""
                                        : input.dtype().toString()))
                        .collect(Collectors.joining(" "));
    }

    /**
     * The seed of the inputs.
     *
     * @return follows from the op and the case's name
     */
    public long seed() {
        return (op.toString() + name()).hashCode() & 0xFFFF_FFFFL;
    }

    @Override
    public String toString() {
        return op.name() + " " + name();
    }

    /**
     * States whose kernels the op runs on.
     *
     * @param name an op of native/ops.def
     * @return this
     */
    public OpCase kernelsOf(String name) {
        kernels = name;
        return this;
    }

    /**
     * States how precise products of matrices are to be.
     *
     * @param wanted the setting that the device runs under
     * @return this
     */
    public OpCase precision(MatmulPrecision wanted) {
        precision = wanted;
        return this;
    }

    /** Makes a check under the settings of this case, which are the process's: one thread at a time, but on reference. */
    Measure run(Check check, Device device) {
        if (device.name().equals("reference")) {
            return check.run(this, device); // whatever the setting
        }
        MatmulPrecision before = MatmulPrecision.current();
        MatmulPrecision.set(precision);
        try {
            return check.run(this, device);
        } finally {
            MatmulPrecision.set(before);
        }
    }

    /** The op whose kernels run: the op itself unless stated otherwise. */
    String kernels() {
        return kernels == null ? op.name() : kernels;
    }

    List<Input> inputs() {
        return inputs;
    }

    boolean isState(int input) {
        return state.contains(input);
    }

    Budget forwardBudget() {
        return forward;
    }

    @Nullable
    Budget backwardBudget() {
        return backward;
    }

    /** The budget of the gradients of a case that has some. */
    Budget backward() {
        return Objects.requireNonNull(backward);
    }

    @Nullable
    Formula formula() {
        return formula;
    }

    int inPlace() {
        return inPlace;
    }

    Overwrites gradientOver() {
        return gradient;
    }

    /** Whether the case itself states an exemption. */
    boolean states(Exemption exemption) {
        return stated.contains(exemption);
    }

    /** Whether the case makes use of an exemption. */
    boolean uses(Exemption exemption) {
        return exemption.isUsedBy(this);
    }

    /** The floating inputs that there is no gradient by, but for state. */
    Set<Integer> constants() {
        return constants;
    }

    Set<Integer> state() {
        return state;
    }

    String label() {
        return label;
    }

    /** The elements of all inputs. */
    long elements() {
        return inputs.stream().mapToLong(input -> input.shape().size()).sum();
    }

    /** This case without an exemption that it uses: one case, or one for each input that the exemption is about. */
    List<OpCase> without(Exemption exemption) {
        return switch (exemption) {
            case CONSTANT ->
                constants.stream()
                        .map(input -> copy(test -> test.constants.remove(input)))
                        .toList();
            case STATE ->
                state.stream()
                        .map(input -> copy(test -> test.state.remove(input)))
                        .toList();
            case FORWARD -> List.of(copy(test -> test.backward(Budget.unlimited())));
            default -> List.of(copy(test -> test.stated.remove(exemption)));
        };
    }

    private OpCase copy(Consumer<OpCase> change) {
        OpCase copy = new OpCase(op, label)
                .forward(forward)
                .upstream(upstream)
                .inPlace(inPlace)
                .gradientOver(gradient);
        copy.inputs.addAll(inputs);
        copy.constants.addAll(constants);
        copy.state.addAll(state);
        copy.stated.addAll(stated);
        copy.kernels = kernels;
        copy.precision = precision;
        copy.backward = backward;
        copy.formula = formula;
        change.accept(copy);
        return copy;
    }

    /** The elements of an input, to be read only. */
    synchronized Object array(int input) {
        while (arrays.size() <= input) {
            int next = arrays.size();
            arrays.add(inputs.get(next).array(new Generator(seed(), next)));
        }
        return arrays.get(input);
    }

    /** The gradient by an output of this size, float32 numbers, to be read only. */
    synchronized float[] upstream(int size) {
        if (outputGradient.length != size) {
            Generator random = new Generator(seed(), inputs.size());
            outputGradient = new float[size];
            for (int i = 0; i < size; i++) {
                outputGradient[i] = (float) upstream.next(random, i);
            }
        }
        return outputGradient;
    }

    /** The name of an input. */
    String inputName(int input) {
        List<String> names = op.inputs();
        return names.get(Math.min(input, names.size() - 1));
    }

    /** Whether there is a gradient by an input. */
    boolean differentiable(int input) {
        return backward != null
                && inputs.get(input).dtype().isFloating()
                && !constants.contains(input)
                && !state.contains(input);
    }

    /** What a device computes from contiguous tensors, computed when it is first asked for. */
    synchronized Pass pass(Device device) {
        Pass known = pass;
        return known != null && passed == device ? known : newPass(device);
    }

    /** What a device computes from contiguous tensors now; the device last asked for is remembered. */
    synchronized Pass newPass(Device device) {
        Pass computed = new Pass.Plan(this, device).run();
        passed = device;
        pass = computed;
        return computed;
    }

    /** What is right, computed when it is first asked for. */
    synchronized Expected expected() {
        if (expected == null) {
            expected = Expected.of(this);
        }
        return expected;
    }
}
