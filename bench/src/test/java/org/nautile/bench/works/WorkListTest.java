package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.models.cli.CommandException;

/** Lists of works: what is read, what is refused, what the built-in one holds. */
class WorkListTest {
    private static final String GOOD = "gemm\tg\tgemm\tm=2,k=3,n=4,ta=0,tb=1\t48\t0\t0\n";

    private static WorkList read(String text) throws IOException {
        return WorkList.read("list.tsv", new StringReader(text));
    }

    @Test
    void columnsHaveTheirMeaning() throws IOException {
        List<Work> works =
                read("# a comment\n\n" + GOOD + "train\tt\tmlp\t\t1e3\t5\t64\n").works();
        Work gemm = new Work("gemm", "g", "gemm", Map.of("m", "2", "k", "3", "n", "4", "ta", "0", "tb", "1"), 48, 0, 0);
        assertEquals(List.of(gemm, new Work("train", "t", "mlp", Map.of(), 1000, 5, 64)), works);
        assertEquals(3, gemm.size("k"));
        assertTrue(gemm.flag("tb"));
        assertEquals(gemm, Work.parse(gemm.line()), "what a process tells another");
    }

    /** In the texts, | stands for a tab. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "gemm|x|gemm|m=2|48|0; 6 columns, separated by tabs, where 7 are needed",
                "gemm|x|gemm|m=2|48|0|0|0; 8 columns",
                "gemm||gemm|m=2|48|0|0; the column work is empty",
                "gemm|x|gemm|m=2,k3|48|0|0; parameter 'k3' is not NAME=VALUE",
                "gemm|x|gemm|m=2|many|0|0; flops 'many' is not a number",
                "gemm|x|gemm|m=2|48|-1|0; bytes '-1' is not a number of 0 or more",
                "gemm|x|gemm|m=2|48|0|NaN; samples 'NaN' is not a number",
                "gemm|g|gemm|m=2|48|0|0; the work g is there already"
            })
    void badLinesAreNamedWithTheirNumber(String line, String problem) {
        String text = GOOD + "\n" + line.replace('|', '\t') + "\n";
        String message = String.valueOf(
                assertThrows(CommandException.class, () -> read(text)).getMessage());
        assertTrue(message.startsWith("list.tsv, line 3: " + problem), message);
    }

    @Test
    void parametersThatDoNotFitAreNamed() {
        Work work = new Work("mem", "w", "relu", Map.of("e", "x", "n", "0"), 0, 1, 0);
        assertEquals("e=x is not a whole number", message(() -> work.size("e")));
        assertEquals("n=0 is less than 1", message(() -> work.size("n")));
        assertEquals("relu needs the parameter r", message(() -> work.size("r")));
    }

    private static String message(Runnable run) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, run::run).getMessage());
    }

    @Test
    void builtInListHoldsWorksOfEveryOp() throws IOException {
        Set<String> timed = new HashSet<>();
        for (Work work : WorkList.builtIn().works()) {
            Kinds.Kind kind = Kinds.of(work.kind());
            assertNotNull(kind, work.kind());
            timed.add(kind.op());
        }
        try (BufferedReader ops = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(WorkListTest.class.getResourceAsStream("/org/nautile/jni/ops.def")),
                StandardCharsets.UTF_8))) {
            List<String> untimed = ops.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" ", 2)[0])
                    .filter(op -> !timed.contains(op))
                    .toList();
            assertEquals(List.of(), untimed, "ops without an entry in Kinds and a line in works.tsv");
        }
    }

    /** Names say what parameters say, and costs follow from parameters. */
    @Test
    void builtInProductsAreWhatTheirNamesSay() {
        for (Work work : WorkList.builtIn().works()) {
            if (work.kind().equals("gemm")) {
                double m = work.size("m");
                double k = work.size("k");
                double n = work.size("n");
                String name = String.format(
                        "gemm_%s%s_%.0fx%.0fx%.0f", work.flag("ta") ? "t" : "n", work.flag("tb") ? "t" : "n", m, k, n);
                String precision = work.parameters().get("precision");
                assertEquals(precision == null ? name : name + "_" + precision, work.name());
                assertEquals(2 * m * k * n, work.flops(), work.name());
                assertEquals(4 * (m * k + k * n + m * n), work.bytes(), work.name());
            }
        }
    }
}
