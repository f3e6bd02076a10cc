package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.models.cli.Main;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The commands bench and roofline as a user meets them. */
@Timeout(180)
class BenchCommandTest {
    private static final String QUICK = "--budget 0.0003";

    @TempDir
    private Path folder = Path.of("");

    /** A list with works that Nautile has and others. */
    private Path list() throws Exception {
        return Files.writeString(folder.resolve("works.tsv"), """
                gemm|g8|gemm|m=8,k=8,n=8,ta=0,tb=0|1024|0|0
                gemm|g9|gemm|m=9,k=9,n=9,ta=0,tb=1|1458|0|0
                mem|relu|relu|e=64,dir=fwd|0|512|0
                conv|c1|conv2d_later|n=1|5|0|0
                conv|c2|conv2d_later|n=2|5|0|0
                attn|s|attention_later|n=2|5|0|0
                """.replace('|', '\t'));
    }

    private static List<JsonNode> lines(Path file) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    @Test
    void measuresWhatThereIsAndCountsTheRest() throws Exception {
        Path file = Files.writeString(folder.resolve("out.jsonl"), "{\"work\":\"of another program\"}\n");
        Outcome outcome =
                Outcome.of("bench --device reference --threads 1,2 " + QUICK + " --works " + list() + " --out " + file);
        assertEquals(0, outcome.code(), outcome::toString);
        List<JsonNode> lines = lines(file);
        assertEquals(
                List.of("of another program", "g8", "g8", "g9", "g9", "relu", "relu"),
                lines.stream().map(line -> line.get("work").asText()).toList());
        assertEquals(
                List.of(1, 2, 1, 2, 1, 2),
                lines.stream().skip(1).map(line -> line.get("threads").asInt()).toList());
        for (JsonNode line : lines.subList(1, 7)) {
            assertEquals("nautile-reference", line.get("peer").asText());
            assertTrue(line.get("median_ms").asDouble() > 0, line::toString);
            String unit = line.get("suite").asText().equals("mem") ? "gbps" : "gflops";
            assertTrue(line.get(unit).asDouble() > 0, line::toString);
        }
        List<String> printed = outcome.out().lines().toList();
        assertTrue(printed.get(0).matches("work +threads +reference +median ms"), printed::toString);
        assertTrue(printed.get(5).matches("relu +1 +[0-9.e-]+  GB/s +[0-9.e-]+"), printed::toString);
        assertEquals(
                "3 of 6 works need ops that Nautile does not have yet: conv2d_later 2, attention_later 1",
                printed.get(printed.size() - 1));
    }

    @Test
    void severalDevicesStandBesideEachOther() throws Exception {
        Path file = folder.resolve("out.jsonl");
        String second = usable("cpu") ? "cpu" : "reference";
        Outcome outcome = Outcome.of("bench --device reference," + second + " --threads 1 " + QUICK
                + " --suite gemm --works " + list() + " --out " + file);
        assertEquals(0, outcome.code(), outcome::toString);
        Assumptions.assumeTrue(second.equals("cpu"), "SKIPPED: there is only one device");
        List<String> printed = outcome.out().lines().toList();
        assertTrue(printed.get(0).matches("work +threads +reference +cpu +cpu/reference"), printed::toString);
        assertTrue(printed.get(1).matches("g8 +1 +\\S+ +\\S+  GFLOP/s +\\d+\\.\\d\\d"), printed::toString);
        double[] ms = lines(file).stream()
                .limit(2)
                .mapToDouble(line -> line.get("median_ms").asDouble())
                .toArray();
        double ratio = Double.parseDouble(printed.get(1).replaceAll(".* ", ""));
        assertEquals(ms[0] / ms[1], ratio, 0.006 + 1e-4 * ratio);
        assertEquals(
                List.of("nautile-reference", "nautile-cpu", "nautile-reference", "nautile-cpu"),
                lines(file).stream().map(line -> line.get("peer").asText()).toList());
    }

    private static boolean usable(String device) {
        try {
            org.nautile.Device.of(device);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** A program in the place of another library: every call takes 1 ms, and some works it does not have. */
    private String peer(String rest) throws Exception {
        Path program = Files.writeString(folder.resolve("peer.sh"), """
                echo "ready a library of its own"
                while read -r line; do
                  case $line in
                    *relu*) echo '{"error":"no relu","absent":true}' ;;
                    %s
                    *) echo '{"median_ms":1,"min_ms":0.5,"reps":7}' ;;
                  esac
                done
                """.formatted(rest));
        return "other=sh " + program;
    }

    private Outcome beside(String peer, Path results) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("bench", "--device", "reference", "--threads", "1", "--rounds", "2"));
        words.addAll(List.of("--works", list().toString(), "--suite", "gemm,mem", "--peer", peer));
        words.addAll(List.of("--results", results.toString()));
        return Outcome.of(words.toArray(String[]::new));
    }

    @Test
    void anotherLibraryStandsBesideUs() throws Exception {
        Path results = folder.resolve("RESULTS.md");
        Outcome outcome = beside(peer(""), results);
        assertEquals(0, outcome.code(), outcome::toString);
        List<String> printed = outcome.out().lines().toList();
        assertTrue(printed.get(0).matches("work +threads +reference +other +other/reference"), printed::toString);
        assertTrue(printed.get(3).matches("relu +1 +[0-9.]+ +-  GB/s +-"), printed::toString);
        String text = Files.readString(results);
        assertTrue(text.contains("- other: a library of its own\n"), text);
        assertTrue(text.matches("(?s).*\\| g8 \\| 1 \\| [0-9.e-]+ \\| [0-9.e-]+ \\|  \\| other \\| 1\\.000 .*"), text);
    }

    @Test
    void libraryThatBreaksDownIsNamed() throws Exception {
        Path results = folder.resolve("RESULTS.md");
        String error = beside(peer("*g9*) exit 3 ;;"), results).error(1);
        assertTrue(error.contains("the process of peer other ended with exit code 3"), error);
        assertTrue(Files.readString(results).contains("| g8 | 1 |"), "what was measured before is kept");
        error = beside(peer("*g9*) echo oops ;;"), results).error(1);
        assertTrue(error.contains("other answers what is no measurement: oops"), error);
        error = beside("other=echo cannot", results).error(1);
        assertTrue(error.contains("cannot"), error);
    }

    @Test
    void failingWorkIsNamedAndTheOthersMeasured() throws Exception {
        Path works = Files.writeString(
                folder.resolve("bad.tsv"), "gemm\tbad\tgemm\tm=8\t1\t0\t0\nmem\tgood\trelu\te=8\t0\t64\t0\n");
        Outcome outcome = Outcome.of("bench --device reference --threads 1 " + QUICK + " --works " + works);
        assertEquals(1, outcome.code(), outcome::toString);
        assertTrue(outcome.out().contains("failed: bad on reference: gemm needs the parameter k"), outcome.out());
        assertTrue(outcome.out().matches("(?s).*\\ngood +1 +[0-9].*"), outcome.out());
    }

    @Test
    void filterLooksIntoNames() throws Exception {
        Outcome outcome =
                Outcome.of("bench --device reference --threads 1 --filter ^g\\d$ " + QUICK + " --works " + list());
        assertEquals(0, outcome.code(), outcome::toString);
        assertEquals(3, outcome.out().lines().count(), outcome::out);
        assertTrue(outcome.out().contains("g8") && outcome.out().contains("g9"), outcome.out());
    }

    @ParameterizedTest
    @CsvSource({
        "bench --suite gem, did you mean gemm",
        "bench --suite gemm;cnv, did you mean conv",
        "bench --suite xyzzy, there are gemm; gemm-packed; precision; conv; mem; attn; rnn; train",
        "bench --filter (, --filter (: Unclosed group",
        "bench --threads 0, --threads 0 is less than 1",
        "bench --budget 0, --budget 0.0 is not a number of seconds",
        "bench --budget NaN, --budget NaN is not",
        "bench --device refernce, did you mean reference",
        "bench --fliter x, did you mean --filter",
        "bench --results r.md --suite gemm, --results compares: it needs several devices",
        "bench --rounds 3 --device reference, --rounds compares: it needs several devices",
        "bench --rounds 0 --device reference;cpu, --rounds 0 is less than 1",
        "bench --remarks r.tsv, --remarks go into the file of --results",
        "roofline --device refernce, did you mean reference",
        "roofline --threads 0, --threads 0 is less than 1",
        "roofline --budget -1, --budget -1.0 is not"
    })
    void wrongUsageIsOneLineAndCodeTwo(String line, String problem) {
        String error = Outcome.of(line.replace(';', ',')).error(2);
        assertTrue(error.contains(problem.replace(';', ',')), error);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--works none.tsv", "--filter nothing_has_this_name", "--works /dev/null", "--out /dev/null/x"})
    void failuresAreOneLineAndCodeOne(String options) {
        Outcome.of("bench --device reference " + options).error(1);
    }

    @Test
    void listWithoutKnownWorksIsNoFailure() throws Exception {
        Outcome outcome = Outcome.of("bench --suite conv,attn --works " + list());
        assertEquals(0, outcome.code(), outcome::toString);
        assertEquals(
                "3 of 3 works need ops that Nautile does not have yet: conv2d_later 2, attention_later 1\n",
                outcome.out());
    }

    @Test
    void everyOptionIsExplainedWithItsDefault() {
        for (Object command : List.of(new BenchCommand(), new RooflineCommand())) {
            CommandSpec spec = CommandSpec.forAnnotatedObject(command);
            Outcome help = Outcome.of(spec.name() + " --help");
            assertEquals(0, help.code(), help::toString);
            for (OptionSpec option : spec.options()) {
                assertTrue(String.join(" ", option.description()).contains("Default"), option::longestName);
                assertTrue(help.out().contains(option.longestName()), help::out);
            }
        }
    }

    @Test
    void deviceWithoutRoofsSaysSo() {
        String error = Outcome.of("roofline --device reference").error(1);
        assertTrue(error.contains("device reference has no roofs"), error);
    }

    /** A signal costs the work that is under way, and leaves no process behind. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "reference,cpu"})
    void interruptionKeepsWhatWasMeasured(String devices) throws Exception {
        Path env = Path.of("/usr/bin/env"); // a JVM that is born with SIGINT ignored would ignore it for ever
        Assumptions.assumeTrue(Files.isExecutable(env) && (!devices.contains("cpu") || usable("cpu")), "SKIPPED");
        Path file = folder.resolve("out.jsonl");
        File messages = folder.resolve("messages").toFile();
        List<String> command = new ArrayList<>(List.of(env.toString(), "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        // 0.3 s of samples, 1 s of warm-up: the signal comes in the middle of the second work
        command.addAll(List.of("bench", "--device", devices, "--threads", "1", "--budget", "0.3", "--works"));
        command.addAll(List.of(list().toString(), "--out", file.toString()));
        Process process = new ProcessBuilder(command).redirectError(messages).start();
        List<ProcessHandle> children = List.of();
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("g8")) {
                    children = process.descendants().toList();
                    assertEquals(
                            0,
                            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                                    .start()
                                    .waitFor());
                }
            }
        }
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends");
        assertEquals(130, process.exitValue());
        int count = devices.split(",").length;
        assertEquals(count == 1 ? 0 : count, children.size(), "several devices have a process each");
        for (ProcessHandle child : children) {
            child.onExit().get(30, TimeUnit.SECONDS);
        }
        assertTrue(lines(file).size() >= count && lines(file).size() < 3 * count, Files.readString(file));
        String message = Files.readString(messages.toPath());
        assertTrue(message.startsWith("nautile: interrupted; " + lines(file).size() + " measurement"), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void rooflineMeasuresAndDraws() throws Exception {
        Assumptions.assumeTrue(usable("cpu"), "SKIPPED: no device cpu");
        Path json = folder.resolve("roof.json");
        Path works = Files.writeString(folder.resolve("roof.tsv"), """
                gemm|g8|gemm|m=8,k=8,n=8,ta=0,tb=0|1024|768|0
                mem|copied|copy|e=64|0|512|0
                mem|later|op_later|e=64|64|512|0
                gemm|uncounted|gemm|m=8,k=8,n=8,ta=0,tb=0|1024|0|0
                """.replace('|', '\t'));
        Outcome outcome = Outcome.of("roofline --device cpu --threads 1 --budget 0.001 --works " + works + " --out "
                + folder.resolve("r") + " --json " + json);
        assertEquals(0, outcome.code(), outcome::toString);
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertTrue(result.get("peak_gflops").asDouble() > 0.1, result::toString);
        JsonNode levels = result.get("levels");
        assertEquals("memory", levels.get(levels.size() - 1).get("name").asText());
        for (JsonNode level : levels) {
            for (String stream : List.of("read", "write", "copy", "triad")) {
                assertTrue(level.get(stream + "_gbps").asDouble() > 0.01, level::toString);
            }
        }
        assertEquals(List.of("g8", "copied"), result.get("works").findValuesAsText("work"));
        assertTrue(
                outcome.out().contains("left out: 1 work that Nautile does not have, 1 without bytes"), outcome::out);
        for (JsonNode work : result.get("works")) {
            double bandwidth = work.get("gbps").asDouble();
            assertEquals(
                    work.get("intensity").asDouble() * bandwidth,
                    work.get("gflops").asDouble(),
                    1e-3 * bandwidth);
            assertTrue(work.get("share_of_roof").asDouble() > 0, work::toString);
            assertTrue(outcome.out().contains(work.get("work").asText()), outcome::out);
        }
        assertEquals(0, result.get("failed").size(), result::toString);
        boolean drawn = Files.isRegularFile(folder.resolve("r/roofline.png"));
        assertEquals(org.nautile.models.charts.Picture.obstacle().isEmpty(), drawn);
        Path page = folder.resolve("r/index.html");
        assertTrue(outcome.out().endsWith("page: " + page + "\n"), outcome::out);
        String html = Files.readString(page);
        assertTrue(html.contains("<code>nautile roofline --device cpu "), "the command");
        for (String cell : List.of("read GB/s</th>", "of the roof</th>", "<td>memory</td>", "<td>g8</td>")) {
            assertTrue(html.contains(cell), cell);
        }
        assertEquals(drawn, html.contains("src=\"data:image/png;base64,"), "the picture");
    }
}
