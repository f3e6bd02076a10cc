package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.models.cli.CommandException;

/** RESULTS.md, from a run that is too short to mean anything. */
@Timeout(120)
class ResultsTest {
    @BeforeAll
    static void besideOtherRuns() {
        System.setProperty("jmh.ignoreLock", "true"); // nothing here is a figure
    }

    @Test
    void tableSaysWhereItsFiguresComeFrom(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("RESULTS.md");
        StringWriter screen = new StringWriter();
        Results.Protocol protocol = new Results.Protocol(2, 1, 0.05);
        new Results(List.of("reference", "reference"), List.of(1), List.of(8, 16), protocol)
                .write(file, new PrintWriter(screen));
        String text = Files.readString(file);
        for (String part : List.of(
                "- machine: ",
                "- date: ",
                ", commit ",
                "- JDK " + System.getProperty("java.version"),
                "2 rounds; in each a process per device with 2 warm-up and 1 measuring iterations of 0.050 s",
                "- reference: ")) {
            assertTrue(text.contains(part), part + " in " + text);
        }
        List<String> table = text.lines().filter(line -> line.startsWith("|")).toList();
        assertEquals("| size | threads | reference | reference | reference/reference |", table.get(0));
        assertEquals("|---:|---:|---:|---:|---:|", table.get(1));
        for (int i = 0; i < 2; i++) {
            String row = table.get(2 + i);
            assertTrue(row.matches("\\| " + (8 << i) + " \\| 1( \\| [0-9.]+ \\([0-9.]+ to [0-9.]+\\)){3} \\|"), row);
        }
        assertEquals(table, screen.toString().lines().toList(), "the same on the screen");
    }

    @Test
    void figuresAreMediansAndRatiosAreOfTheSameRound() {
        double[][] seconds = {{1e-3, 5e-4, 2e-3, 1e-3, 1e-3}, {2e-3, 1e-3, 4e-3, 1e-3, 4e-3}};
        assertEquals(
                "| 100 | 2 | 2.0 (2.0 to 2.0) | 1.0 (0.5 to 2.0) | 2.00 (2.00 to 2.00) |",
                new Results.Row(100, 2, seconds).markdown());
        assertEquals("| 100 | 1 | 2.0 |", new Results.Row(100, 1, new double[][] {{1e-3}}).markdown(), "no spread");
        assertEquals(
                "2.5 (1.8 to 3.3)",
                Results.Sample.of(DoubleStream.of(4, 1, 3, 2)).text(1),
                "between two numbers");
    }

    @Test
    void deviceThatCannotBeUsedIsAFailure(@TempDir Path folder) {
        Results results = new Results(List.of("reference"), List.of(-1), List.of(8), new Results.Protocol(1, 1, 0.01));
        assertThrows(
                CommandException.class,
                () -> results.write(folder.resolve("x.md"), new PrintWriter(new StringWriter())));
        assertTrue(Files.notExists(folder.resolve("x.md")), "no file with half a table");
    }
}
