package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.io.Safetensors;

/** What only a process of its own can show: Ctrl-C, a reader that goes away, a machine without data. */
@Timeout(60)
class InterruptTest {
    private static final Path ENV = Path.of("/usr/bin/env");

    @TempDir
    private Path folder = Path.of("");

    /** Starts {@code nautile} without any data; its messages go to a file. */
    private Process start(String line, Redirect output) throws Exception {
        // env: a JVM that is born with SIGINT ignored, as in the background of a script, would ignore it for ever
        Assumptions.assumeTrue(
                Files.isExecutable(ENV) && run(ENV.toString(), "--default-signal=INT", "true") == 0,
                "SKIPPED: env --default-signal (coreutils 8.31) is needed");
        List<String> command = new ArrayList<>(List.of(
                ENV.toString(),
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(line.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("NAUTILE_DATA", "");
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        return builder.redirectOutput(output).redirectError(messages()).start();
    }

    private File messages() {
        return folder.resolve("messages").toFile();
    }

    /** The exit code of a process that should end by itself soon. */
    private static int end(Process process) throws InterruptedException {
        boolean ended = process.waitFor(15, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended, "the process ends");
        return process.exitValue();
    }

    private static int run(String... command) throws Exception {
        return end(new ProcessBuilder(command).start());
    }

    @Test
    void interruptedTrainingKeepsItsEpochs() throws Exception {
        Path out = folder.resolve("out");
        Path json = folder.resolve("result.json");
        Process process =
                start("train mnist-mlp --quick --epochs 1000000 --out " + out + " --json " + json, Redirect.PIPE);
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
                if (line.startsWith("epoch") && line.contains(" 2/")) {
                    assertEquals(0, run("kill", "-INT", Long.toString(process.pid())));
                }
            }
        }
        assertEquals(130, end(process));
        assertTrue(lines.get(0).startsWith("mnist-mlp: generated digits"), lines.get(0));

        JsonNode history =
                new ObjectMapper().readTree(out.resolve("history.json").toFile());
        int done = history.get("epochs").size();
        assertTrue(done >= 2, history::toString);
        assertEquals(
                "nautile: interrupted; " + done + " of 1000000 epochs and their weights are in " + out + "\n",
                Files.readString(messages().toPath()));
        assertEquals(history, new ObjectMapper().readTree(json.toFile()));
        assertEquals(
                6, Safetensors.open(out.resolve("model.safetensors")).names().size());
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(4, files.count(), "a checkpoint and the page, but no picture, and nothing half written");
        }
    }

    @Test
    void readerThatGoesAwayIsNoError() throws Exception {
        Process process = start("models", Redirect.PIPE);
        process.getInputStream().close();
        assertEquals(0, end(process));
        assertEquals("", Files.readString(messages().toPath()));
    }

    /** A file that standard output leads to is neither replaced nor written to from its beginning. */
    @Test
    void resultOnStandardOutputStandsAmongTheLines() throws Exception {
        Path printed = folder.resolve("printed");
        String line = "train mnist-mlp --quick --limit 10 --epochs 1 --json /dev/stdout --out " + folder.resolve("out");
        assertEquals(0, end(start(line, Redirect.to(printed.toFile()))));
        String text = Files.readString(printed);
        assertTrue(text.startsWith("mnist-mlp: "), text);
        int json = text.indexOf("\n{\n");
        assertTrue(json > text.indexOf("epoch 1/1"), text);
        assertTrue(text.substring(json).matches("(?s).*\\R}\\R.*test accuracy 0\\.\\d+\\R"), text);
    }
}
