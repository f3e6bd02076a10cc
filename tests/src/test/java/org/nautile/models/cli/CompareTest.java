package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Devices;
import org.nautile.RestoresDefaults;
import org.nautile.models.comparison.DeviceTrial;
import org.nautile.models.comparison.StepTimes;

/** {@code nautile compare}: tables, sentences, JSON, picture, page, and the gate. */
@ExtendWith(RestoresDefaults.class)
class CompareTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void devicesLearnTheSame() throws IOException {
        Devices.cpu();
        Path json = folder.resolve("compare.json");
        Path data = DigitFiles.write(folder.resolve("mnist"), 100);
        String line = "compare mnist-mlp --devices reference,cpu --steps 7 --batch 8 --lr 0.1 --budget 0.001 --naive"
                + " --tolerance 1e-4 --data " + data + " --out " + folder.resolve("out") + " --json " + json;
        Outcome outcome = Outcome.of(line.split(" "));
        assertEquals(0, outcome.code(), outcome::toString);
        JsonNode devices = new ObjectMapper().readTree(json.toFile()).path("devices");
        assertEquals(List.of("reference", "cpu"), devices.findValuesAsText("device"));
        for (JsonNode device : devices) {
            assertEquals(7, device.path("losses").size());
            assertEquals(0.0, device.path("largest_difference").asDouble(), 1e-4);
            assertTrue(device.path("samples_per_second").asDouble() > 0, device::toString);
            assertTrue(
                    device.path("op_by_op_ms").path("backward").path("median").asDouble() > 0, device::toString);
            assertTrue(outcome.out().contains(device.path("verdict").asText()), outcome::toString);
            assertTrue(outcome.out().contains(device.path("naive").asText()), outcome::toString);
        }
        assertTrue(outcome.out().contains("passed cpu: losses of 7 steps differ"), outcome::toString);
        LeftFiles.pictures(folder, "out/losses.png");
        String page = Files.readString(folder.resolve("out/index.html"));
        assertTrue(page.contains("nautile compare mnist-mlp --devices reference,cpu"), "the command is on the page");
        assertTrue(page.contains("Where the time goes") && page.contains("Loss minus that of reference"), "sections");
    }

    /** Nothing is said of forward and backward where a model takes its step in a way of its own. */
    @Test
    void smallModelsOfAKindAreEnough() {
        Devices.cpu();
        Outcome outcome =
                Outcome.of(("compare mnist-gan --narrow --devices cpu --steps 3 --budget 0.001 --quick --out " + folder)
                        .split(" "));
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().startsWith("mnist-gan, narrow: "), outcome::toString);
        assertTrue(outcome.out().contains("batch 16, learning rate 2.0E-4"), outcome::toString);
        assertTrue(outcome.out().contains("in a way of its own"), outcome::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compare",
                "compare mnist-mpl",
                "compare mnist-mlp --steps 0",
                "compare mnist-mlp --devices cpu,gpu",
                "compare mnist-mlp --tolerance -1",
                "compare mnist-mlp --budget 0",
                "compare mnist-mlp --epochs 3",
                "compare flow-1d --batch 0"
            })
    void wrongUsageIsOneLine(String line) {
        assertTrue(Outcome.of(line.split(" ")).error(2).contains("--help"));
    }

    @Test
    void aDeviceThatIsNamedMustBeThere() {
        try {
            Device.of("cuda");
            Assumptions.abort("SKIPPED: there is a GPU here");
        } catch (DeviceException e) {
            String error = Outcome.of("compare", "mnist-mlp", "--devices", "reference,cuda", "--out", folder + "/new")
                    .error(1);
            assertTrue(error.contains("device cuda: "), error);
            assertFalse(Files.exists(folder.resolve("new")), "nothing was begun");
        }
    }

    @Test
    void aFileInTheWayIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Outcome outcome = Outcome.of("compare", "mnist-mlp", "--devices", "reference", "--out", file.toString());
        assertTrue(outcome.error(1).contains("cannot write " + file), outcome::toString);
        assertEquals("", outcome.out());
    }

    private static DeviceTrial losing(double... losses) {
        StepTimes times = new StepTimes(List.of(new double[6]));
        return new DeviceTrial(Devices.reference(), "", 1, 1, losses, times, times, null, 0, Double.NaN, 0, 0);
    }

    @Test
    void lossesFartherApartThanAllowedFail() {
        DeviceTrial first = losing(2, 1);
        assertTrue(gate(first, losing(2, 1)), "the same");
        assertTrue(gate(first, losing(2.001, 1)), "near");
        assertFalse(gate(first, losing(2, 1.1)), "far");
        assertFalse(gate(first, losing(2, Double.NaN)), "no number");
        assertFalse(gate(first, losing(2, 1), losing(3, 1)), "one of two");
    }

    private static boolean gate(DeviceTrial... trials) {
        return CompareCommand.within(List.of(trials), 0.01, new PrintWriter(new StringWriter()));
    }
}
