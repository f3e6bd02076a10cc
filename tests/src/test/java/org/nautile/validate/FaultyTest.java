package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.op.Call;
import org.nautile.op.Gradients;
import org.nautile.op.Op;
import org.nautile.op.ScaleOp;

/** The checks are shown wrong answers, and each must see its own. */
class FaultyTest {
    private static final Device FAULTY = Device.of(FaultyProvider.NAME);
    private static final List<FaultyBackend.Element> LAST = List.of(FaultyBackend.Element.LAST);

    @TestFactory
    Stream<DynamicTest> oneWrongElementFailsEveryCase() {
        return OpCases.ops().stream()
                .flatMap(op -> OpCases.of(op).stream())
                .map(test -> DynamicTest.dynamicTest(test.toString(), () -> {
                    boolean nothingToSpoil = test.uses(Exemption.VIEW) || test.uses(Exemption.NOTHING);
                    for (FaultyBackend.Element element :
                            test.uses(Exemption.LARGE) ? LAST : List.of(FaultyBackend.Element.values())) {
                        FaultyBackend.fault(element);
                        Throwable failure = failureOf(Check.AGREES, test, FAULTY);
                        assertTrue(failure != null || nothingToSpoil, () -> element + " element wrong, not noticed");
                    }
                }));
    }

    private static @Nullable Throwable failureOf(Check check, OpCase test, Device device) {
        try {
            test.run(check, device);
            return null;
        } catch (Mismatch | IllegalArgumentException e) { // the latter: a label that became no class
            return e;
        }
    }

    @Test
    void wrongStepsFailEveryModel() {
        FaultyBackend.fault(FaultyBackend.Element.MIDDLE);
        Validation result = ModelSteps.validate("mnist-mlp", FAULTY);
        assertEquals(1, result.failures().size(), result::toString);
        assertTrue(result.failures().get(0).contains("loss at 0"), result::toString);
    }

    @Test
    void failuresAreReportedNotThrown() {
        FaultyBackend.fault(FaultyBackend.Element.LAST);
        Validation result = Validation.ofOp("scale", FAULTY);
        assertFalse(result.failures().isEmpty());
        assertTrue(result.failures().get(0).contains("expected"), result::toString);
    }

    /** An op whose backward pass is wrong in one way. */
    private record Wrong(String how) implements Op {
        private static final ScaleOp TWICE = new ScaleOp(2, 0);

        @Override
        public String name() {
            return "wrong";
        }

        @Override
        public List<String> inputs() {
            return List.of("x");
        }

        @Override
        public boolean variadic() {
            return true;
        }

        @Override
        public boolean overwrites(int input) {
            return true;
        }

        @Override
        public Tensor forward(Call call) {
            Tensor x = call.input(0).contiguous();
            Tensor y = call.result(x.dtype(), x.shape());
            switch (how) {
                case "by place" -> y.copyFrom(TWICE.apply(x)).fill(x.offset() + 1.0);
                case "by layout" ->
                    y.copyFrom(TWICE.apply(x)).fill(call.input(0).isContiguous() ? 1 : 2);
                case "skips the last" -> {
                    Shape shorter = Shape.of(x.size() - 1);
                    y.view(shorter, y.offset(), 1).copyFrom(x.view(shorter, x.offset(), 1));
                }

                case "by threads" -> y.copyFrom(TWICE.apply(x)).fill(Threads.count());
                case "reads late" -> {
                    y.fill(0);
                    y.copyFrom(TWICE.apply(x));
                }
                case "writes its input" -> {
                    y.copyFrom(x);
                    x.fill(1);
                }
                default -> y.copyFrom(TWICE.apply(x));
            }
            return y;
        }

        @Override
        public void backward(Call call, Tensor dy, Gradients gradients) {
            if (how.equals("needs both")) {
                double factor = gradients.wants(0) && gradients.wants(1) ? 2 : 1;
                for (int i = 0; i < 2; i++) {
                    if (gradients.wants(i)) {
                        gradients.add(i, new ScaleOp(factor, 0).apply(dy));
                    }
                }
                return;
            }
            double factor = how.equals("derivative") ? 3 : 2;
            if (how.equals("overwrites")) {
                gradients.buffer(0).copyFrom(TWICE.apply(dy));
            } else {
                gradients.add(0, new ScaleOp(factor, 0).apply(dy));
            }
        }
    }

    private static OpCase caseOf(String how) {
        return new OpCase(new Wrong(how), "case")
                .input(Draw.uniform(1, 2), 7)
                .forward(Budget.ulp(1, "test"))
                .backward(Budget.ulp(1, "test"))
                .formula(in -> Stream.of(in[0])
                        .flatMapToDouble(java.util.Arrays::stream)
                        .map(x -> 2 * x + 1)
                        .toArray());
    }

    @Test
    void everyCheckSeesItsOwnFault() {
        Device reference = Device.of("reference");
        Check.AGREES.run(caseOf("right"), reference);
        assertThrows(Mismatch.class, () -> Check.FORMULA.run(caseOf("right"), reference));
        assertThrows(Mismatch.class, () -> Check.DIFFERENCES.run(caseOf("derivative"), reference));
        assertThrows(Mismatch.class, () -> Check.ACCUMULATES.run(caseOf("overwrites"), reference));
        assertThrows(Mismatch.class, () -> Check.ANYWHERE.run(caseOf("by place"), reference));
        assertThrows(Mismatch.class, () -> Check.STRIDED.run(caseOf("by layout"), reference));
        assertThrows(Mismatch.class, () -> Check.GIVEN_OUTPUT.run(caseOf("skips the last"), reference));
        assertThrows(Mismatch.class, () -> Check.AGREES.run(caseOf("writes its input"), reference));
        assertThrows(Mismatch.class, () -> Check.THREADS.run(caseOf("by threads"), reference));
        assertThrows(
                Mismatch.class, () -> Check.IN_PLACE.run(caseOf("reads late").inPlace(0), reference));
        OpCase both = caseOf("needs both").input(Draw.uniform(1, 2), 7);
        assertThrows(Mismatch.class, () -> Check.ONE_GRADIENT.run(both, reference));
    }

    @Test
    void guardsSeeWhatIsWrittenAround() {
        try (Scope scope = new Scope()) {
            Device reference = Device.of("reference");
            for (int place : new int[] {-1, 5}) {
                Placement guarded = Placement.guarded(3);
                Tensor x = guarded.tensor(reference, new float[] {1, 2, 3, 4, 5}, Shape.of(5));
                guarded.check();
                x.view(Shape.of(1), x.offset() + place, 1).fill(0);
                Mismatch seen = assertThrows(Mismatch.class, guarded::check);
                assertTrue(String.valueOf(seen.getMessage()).contains("element " + place), seen::toString);
            }
        }
    }

    @Test
    void placementsHoldTheElements() {
        try (Scope scope = new Scope()) {
            float[] values = new float[30];
            for (int i = 0; i < values.length; i++) {
                values[i] = new Generator(1, i).nextFloat();
            }
            for (Placement placement : List.of(Placement.plain(), Placement.guarded(1), Placement.strided())) {
                Tensor x = placement.tensor(Device.of("reference"), values, Shape.of(2, 3, 5));
                Compare.same("elements", values, x.toArray(), false);
            }
            Tensor strided = Placement.strided().tensor(Device.of("reference"), values, Shape.of(2, 3, 5));
            assertFalse(strided.isContiguous());
        }
    }
}
