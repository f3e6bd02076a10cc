package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        Results.Protocol protocol = new Results.Protocol(1, 2, 0.05);
        new Results(List.of("reference", "reference"), List.of(1), List.of(8, 16), protocol)
                .write(file, new PrintWriter(screen));
        String text = Files.readString(file);
        for (String part : List.of(
                "- machine: ",
                "- date: ",
                ", commit ",
                "- JDK " + System.getProperty("java.version"),
                "1 forks a figure, 3 warm-up and 2 measuring iterations of 0.050 s each",
                "- reference: ")) {
            assertTrue(text.contains(part), part + " in " + text);
        }
        List<String> table = text.lines().filter(line -> line.startsWith("|")).toList();
        assertEquals("| size | threads | reference | reference | reference/reference |", table.get(0));
        assertEquals("|---:|---:|---:|---:|---:|", table.get(1));
        for (int i = 0; i < 2; i++) {
            String row = table.get(2 + i);
            assertTrue(
                    row.matches("\\| " + (8 << i) + " \\| 1( \\| \\d+\\.\\d( ± [0-9.]+)?){2} \\| \\d+\\.\\d\\d \\|"),
                    row);
        }
        assertEquals(table, screen.toString().lines().toList(), "the same on the screen");
    }

    @Test
    void figuresAreOfTheMeanWithItsInterval() {
        Results.Figure figure = Results.Figure.of(100, 1e-3, 1e-4);
        assertEquals(2.0, figure.gflops(), 1e-12);
        assertEquals("2.0 ± 0.2", figure.text());
        assertEquals("2.0", Results.Figure.of(100, 1e-3, Double.NaN).text());
        Results.Row row = new Results.Row(100, 2, List.of(figure, Results.Figure.of(100, 5e-4, 0)));
        assertEquals("| 100 | 2 | 2.0 ± 0.2 | 4.0 ± 0.0 | 2.00 |", row.markdown());
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
