package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.models.Model;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Usage, help, errors and the commands that only tell something. */
class MainTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    @Test
    void withoutCommandSaysWhichThereAre() {
        String error = Outcome.of().error(2);
        assertTrue(error.contains("doctor") && error.contains("train"), error);
    }

    @ParameterizedTest
    @CsvSource({
        "trian, train",
        "model, models",
        "Doctor, doctor",
        "train mnist-mpl, mnist-mlp",
        "train mnist, mnist-gan or mnist-mlp",
        "train mnist-mlp --epoch 3, --epochs",
        "train mnist-mlp --sed=3, --seed",
        "train mnist-mlp --clases 4, --classes",
        "train --quik mnist-mlp, --quick",
        "models --jsn f, --json",
        "train mnist-mlp --device cpuu, cpu",
        "train mnist-mlp --device ref, reference",
        "download mnits, mnist"
    })
    void suggestsWhatWasMeant(String line, String meant) {
        String error = Outcome.of(line.split(" ")).error(2);
        assertTrue(error.contains("did you mean " + meant + "?"), error);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xyzzy",
                "train",
                "train xyzzy",
                "train mnist-mlp extra",
                "train mnist-mlp --epochs",
                "train mnist-mlp --epochs 0",
                "train mnist-mlp --epochs three",
                "train mnist-mlp --epochs 99999999999",
                "train mnist-mlp --batch -1",
                "train mnist-mlp --lr 0",
                "train mnist-mlp --lr NaN",
                "train mnist-mlp --lr -0.1",
                "train mnist-mlp --threads 0",
                "train mnist-mlp --limit 0",
                "train mnist-mlp --classes 1",
                "train mnist-mlp --classes 11",
                "train mnist-mlp --seed 1 --seed 2",
                "train mnist-mlp --device xyzzy",
                "devices --xyzzy",
                "download",
                "download xyzzy"
            })
    void wrongUsageIsOneLineAndCodeTwo(String line) {
        String error = Outcome.of(line.split(" ")).error(2);
        assertTrue(error.contains("--help"), error);
    }

    @Test
    void everyOptionIsExplainedWithItsDefault() {
        for (Subcommand command : ServiceLoader.load(Subcommand.class)) {
            CommandSpec spec = CommandSpec.forAnnotatedObject(command);
            explained(spec, Outcome.of(spec.name(), "--help"));
        }
        for (Model model : Model.all()) {
            Outcome help = Outcome.of("train", model.name(), "--help");
            explained(CommandSpec.forAnnotatedObject(new TrainCommand()), help);
            explained(CommandSpec.forAnnotatedObjectLenient(model), help);
            assertTrue(help.out().contains("Default: " + model.defaults().epochs() + "."), help.out());
        }
    }

    private static void explained(CommandSpec spec, Outcome help) {
        assertEquals(0, help.code(), help::toString);
        for (OptionSpec option : spec.options()) {
            String text = String.join(" ", option.description());
            assertTrue(text.contains("Default"), () -> option.longestName() + " of " + spec.name() + ": " + text);
            assertTrue(help.out().contains(option.longestName()), () -> option.longestName() + " in " + help.out());
        }
    }

    @Test
    void optionsMayStandBeforeTheModel() {
        Outcome before = Outcome.of("train", "--epochs", "0", "mnist-mlp");
        assertTrue(before.error(2).contains("--epochs 0"), before::toString);
    }

    @Test
    void versionNamesProjectLibraryAndJava() {
        Outcome outcome = Outcome.of("--version");
        assertEquals(0, outcome.code());
        List<String> lines = outcome.outLines();
        assertTrue(lines.get(0).matches("nautile \\d+\\.\\d+.*"), lines::toString);
        assertTrue(lines.get(1).startsWith("native library "), lines::toString);
        assertTrue(lines.get(2).contains(System.getProperty("java.version")), lines::toString);
    }

    @Test
    void stackTraceOnlyWhenAskedFor() {
        String[] quiet = {"train", "mnist-mlp", "--data", folder.resolve("none").toString()};
        assertFalse(Outcome.of(quiet).error(1).contains("\tat "));
        String[] verbose = {
            "train", "mnist-mlp", "--verbose", "--data", folder.resolve("none").toString()
        };
        assertTrue(Outcome.of(verbose).err().contains("\tat "));
    }

    @Test
    void devicesAndModelsAsTableAndJson() throws Exception {
        Path file = folder.resolve("new/devices.json");
        Outcome devices = Outcome.of("devices", "--json", file.toString());
        assertEquals(0, devices.code(), devices::toString);
        JsonNode listed = JSON.readTree(file.toFile()).get("devices");
        assertEquals(Device.names(), listed.findValuesAsText("name"));
        for (JsonNode device : listed) {
            assertTrue(devices.out().contains(device.get("name").asText()));
            String told = device.get("usable").asBoolean() ? "description" : "reason";
            assertFalse(device.get(told).asText().isBlank(), listed::toString);
        }

        Path list = folder.resolve("models.json");
        Outcome models = Outcome.of("models", "--json", list.toString());
        assertEquals(0, models.code(), models::toString);
        assertTrue(models.out().contains("mnist-mlp") && models.out().contains("52 650"), models.out());
        JsonNode told = JSON.readTree(list.toFile()).get("models");
        int place = told.findValuesAsText("name").indexOf("mnist-mlp");
        assertTrue(place >= 0, told::toString);
        assertEquals(52_650, told.get(place).get("parameters").asLong());
    }

    @Test
    void doctorExaminesEverything() throws Exception {
        Path file = folder.resolve("doctor.json");
        Outcome outcome = Outcome.of("doctor", "--json", file.toString());
        assertEquals(0, outcome.code(), outcome::toString); // reference is usable wherever this test runs
        JsonNode json = JSON.readTree(file.toFile());
        assertTrue(json.get("usable").asBoolean());
        for (String section :
                List.of("System", "Processor", "Memory", "Java", "Native libraries", "Devices", "Data", "Folders")) {
            assertTrue(outcome.out().contains(section), section);
            assertFalse(json.get("sections").get(section).isEmpty(), section);
        }
        for (JsonNode problem : json.get("problems")) {
            assertFalse(problem.get("fix").asText().isBlank(), problem::toString);
            assertTrue(outcome.out().contains(problem.get("fix").asText()), outcome.out());
        }
    }

    @Test
    void unwritableFilesAreRefusedBeforeTheWork() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        for (String[] args : List.of(
                new String[] {"models", "--json", file + "/x.json"},
                new String[] {"models", "--json", folder.toString()},
                new String[] {"train", "mnist-mlp", "--quick", "--out", file.toString()},
                new String[] {"train", "mnist-mlp", "--quick", "--out", folder + "/out", "--json", file + "/x.json"})) {
            Outcome outcome = Outcome.of(args);
            assertTrue(outcome.error(1).contains("cannot write " + args[args.length - 1]), outcome::toString);
            assertEquals("", outcome.out());
        }
    }

    @Test
    void fullDiskIsOneLine() {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "SKIPPED: there is no /dev/full here");
        Outcome models = Outcome.of("models", "--json", full.toString());
        assertTrue(models.error(1).contains("/dev/full: No space left on device"), models::toString);
        Outcome train =
                Outcome.of("train", "mnist-mlp", "--quick", "--out", folder + "/out", "--json", full.toString());
        assertTrue(train.error(1).contains("/dev/full: No space left on device"), train::toString);
        assertEquals("", train.out(), "refused before training");
        assertTrue(Files.exists(full) && !Files.isRegularFile(full), "a device is not replaced by a file");
    }

    @Test
    void colourOnlyWhereWanted() {
        assertFalse(Outcome.of("--help").out().contains("\u001B["));
        assertFalse(Outcome.of("doctor").out().contains("\u001B["));
        CommandLine.Help.Ansi on = CommandLine.Help.Ansi.ON;
        java.io.StringWriter text = new java.io.StringWriter();
        new Checkup()
                .section("S")
                .problem("@|red name|@", "value @|bold x|@", "fix")
                .print(new java.io.PrintWriter(text, true), on);
        assertTrue(text.toString().contains("\u001B["));
        assertTrue(text.toString().contains("value @|bold x|@"), "what was found is no markup");
    }
}
