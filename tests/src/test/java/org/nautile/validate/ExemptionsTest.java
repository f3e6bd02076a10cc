package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.ShapeException;
import org.nautile.op.ScaleOp;

/** The list of exemptions is what cases are really let off, and they need it. */
class ExemptionsTest {
    @Test
    void theListIsWhatIsUsed() {
        List<Exemptions.Use> used = new ArrayList<>();
        List<Exemptions.Use> spared = new ArrayList<>();
        List<Device> devices = OpsTest.DEVICES;
        for (String op : OpCases.ops()) {
            List<OpCase> cases = OpCases.of(op);
            for (OpCase test : cases) {
                for (Exemption exemption : Exemption.values()) {
                    (test.uses(exemption) ? used : spared).add(new Exemptions.Use(test, exemption));
                }
            }
            devices.forEach(device -> Exemptions.borrowed(cases, device).forEach(used::add));
        }
        List<String> usable = devices.stream().map(Device::name).toList();
        List<Exemptions.Line> lines = Exemptions.list().stream()
                .map(line -> line.exemption() == Exemption.BORROWED ? line.onlyOf(usable) : line)
                .toList();
        assertEquals(List.of(), Exemptions.faults(lines, used, spared));
    }

    /** Without its exemption, a case fails a check. */
    @TestFactory
    Stream<DynamicTest> everyExemptionIsNeeded() {
        return OpCases.ops().stream()
                .flatMap(op -> OpCases.of(op).stream())
                .flatMap(test -> Stream.of(Exemption.values())
                        .filter(exemption ->
                                test.uses(exemption) && !exemption.checks().isEmpty())
                        .map(exemption -> DynamicTest.dynamicTest(
                                exemption + ", " + test, () -> assertIsNeeded(test, exemption))));
    }

    private static void assertIsNeeded(OpCase test, Exemption exemption) {
        Device device = exemption == Exemption.STRIDES ? Devices.cpu() : Devices.reference();
        for (OpCase without : test.without(exemption)) {
            boolean failed = exemption.checks().stream()
                    .filter(check -> check.applies(without, device))
                    .anyMatch(check -> fails(check, without, device));
            assertTrue(failed, () -> "passes without the exemption \"" + exemption + "\": " + test);
        }
    }

    private static boolean fails(Check check, OpCase test, Device device) {
        try {
            test.run(check, device);
            return false;
        } catch (Mismatch | ShapeException | IllegalStateException | UnsupportedOperationException e) {
            return true; // all but the first: there is no such gradient
        }
    }

    @Test
    void faultsOfAListAreSeen() {
        OpCase plain = new OpCase(new ScaleOp(2, 1), "plain").input(Draw.values(1), 3);
        OpCase rough =
                new OpCase(new ScaleOp(2, 1), "kinks").input(Draw.values(1), 5).rough();
        List<Exemptions.Use> used = List.of(new Exemptions.Use(rough, Exemption.ROUGH));
        List<Exemptions.Use> spared =
                List.of(new Exemptions.Use(plain, Exemption.ROUGH), new Exemptions.Use(rough, Exemption.ZEROS));
        assertEquals(List.of(), faults(used, spared, "scale | rough | kinks | why"));
        assertEquals(List.of(), faults(used, spared, "scale | rough | kinks [5] | why"));
        assertEquals(List.of("exemptions.txt lacks: scale | rough | kinks [5]"), faults(used, spared));
        assertEquals(
                List.of(
                        "exemptions.txt, line 1: scale | rough | plain: of no use",
                        "exemptions.txt, line 1: scale | rough | plain: without use for plain [3]"),
                faults(used, spared, "scale | rough | plain; kinks | why"));
        assertEquals(
                List.of("exemptions.txt, line 1: scale | rough | *: without use for plain [3]"),
                faults(used, spared, "scale | rough | * | why"));
        assertEquals(
                List.of("exemptions.txt has more than once: scale | rough | kinks [5]"),
                faults(used, spared, "scale | rough | kinks | why", "scale | rough | *[5] | why"));
        assertTrue(String.valueOf(assertThrows(
                                IllegalArgumentException.class, () -> Exemptions.Line.parse(7, "scale | rough | kinks"))
                        .getMessage())
                .contains("line 7"));
    }

    private static List<String> faults(List<Exemptions.Use> used, List<Exemptions.Use> spared, String... texts) {
        List<Exemptions.Line> lines = new ArrayList<>();
        for (String text : texts) {
            lines.add(Exemptions.Line.parse(lines.size() + 1, text));
        }
        return Exemptions.faults(lines, used, spared);
    }
}
