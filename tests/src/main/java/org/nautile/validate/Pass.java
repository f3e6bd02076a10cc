package org.nautile.validate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.op.Call;

/**
 * The results of one forward and, where there are gradients, one backward pass, as Java arrays.
 *
 * @param shape the output's shape
 * @param dtype the output's type
 * @param output the output's elements
 * @param gradients the elements of the gradient by each input; null where there is none
 * @param view whether the output lies in the memory of an input
 */
record Pass(
        Shape shape, DType dtype, Object output, @Nullable Object[] gradients, boolean view) {
    /** How a pass is made; the defaults are contiguous tensors with memory of their own. */
    static final class Plan {
        private final OpCase test;
        private final Device device;
        private Placement inputs = Placement.plain();
        private Placement results = Placement.plain();
        private Numbers numbers = Numbers.FLOAT32;
        private @Nullable Object[] existing = {};
        private int only = -1;
        private OpCase.Overwrites over = OpCase.Overwrites.NOTHING;

        Plan(OpCase test, Device device) {
            this.test = test;
            this.device = device;
        }

        /** Where the inputs' elements are. */
        Plan inputs(Placement placement) {
            inputs = placement;
            return this;
        }

        /** Where the gradients go, and the gradient by the output comes from. */
        Plan results(Placement placement) {
            results = placement;
            return this;
        }

        /** The form of the floating inputs and of the gradient by the output. */
        Plan numbers(Numbers form) {
            numbers = form;
            return this;
        }

        /** Adds the gradients to these. */
        Plan addTo(@Nullable Object[] gradients) {
            existing = gradients;
            return this;
        }

        /** Wants the gradient by this input alone. */
        Plan only(int input) {
            only = input;
            return this;
        }

        /** Writes the gradient by the first input over something. */
        Plan over(OpCase.Overwrites what) {
            over = what;
            return this;
        }

        /** The inputs on the device. */
        Tensor[] tensors() {
            Tensor[] tensors = new Tensor[test.inputs().size()];
            for (int i = 0; i < tensors.length; i++) {
                tensors[i] = inputs.tensor(
                        device,
                        numbers.convert(test.array(i)),
                        test.inputs().get(i).shape());
            }
            return tensors;
        }

        /** Makes the pass. */
        Pass run() {
            try (Scope scope = new Scope()) {
                return run(tensors());
            }
        }

        /** Makes the pass with these inputs, which stay open. */
        Pass run(Tensor[] tensors) {
            boolean backward = test.backwardBudget() != null;
            Call call = new Call(test.op(), null, backward, tensors);
            Tensor output = call.forward();
            call.setOutput(output);
            Object elements = output.toArray();
            @Nullable Object[] gradients = new Object[tensors.length];
            if (backward) {
                Object upstream = numbers.convert(test.upstream(Math.toIntExact(output.size())));
                Tensor dy = results.tensor(device, upstream, output.shape());
                @Nullable Tensor[] buffers = buffers(tensors, dy);
                test.op().backward(call, dy, new Sink(buffers, existing.length > 0));
                for (int i = 0; i < buffers.length; i++) {
                    Tensor buffer = buffers[i];
                    gradients[i] = buffer == null ? null : buffer.toArray();
                }
                if (over == OpCase.Overwrites.NOTHING) {
                    Compare.same("gradient by the output, only to be read,", upstream, dy.toArray(), true);
                }
            }
            results.check();
            inputs.check();
            for (int i = 0; i < tensors.length; i++) {
                if ((i > 0 || over != OpCase.Overwrites.INPUT) && !test.isState(i)) {
                    Object before = numbers.convert(test.array(i));
                    Compare.same(test.inputName(i) + ", only to be read,", before, tensors[i].toArray(), true);
                }
            }
            boolean view = Arrays.stream(tensors).anyMatch(input -> input.storage() == output.storage());
            return new Pass(output.shape(), output.dtype(), elements, gradients, view);
        }

        private @Nullable Tensor[] buffers(Tensor[] tensors, Tensor dy) {
            @Nullable Tensor[] buffers = new Tensor[tensors.length];
            for (int i = 0; i < tensors.length; i++) {
                if (!test.differentiable(i) || (only >= 0 && only != i)) {
                    continue;
                }
                Tensor x = tensors[i];
                if (i == 0 && over != OpCase.Overwrites.NOTHING) {
                    buffers[i] = over == OpCase.Overwrites.UPSTREAM ? dy : x;
                } else {
                    Object content = existing.length > 0 ? existing[i] : null;
                    buffers[i] = results.tensor(
                            device,
                            content != null ? content : Elements.poison(x.dtype(), Math.toIntExact(x.size())),
                            x.shape());
                }
            }
            return buffers;
        }
    }
}
