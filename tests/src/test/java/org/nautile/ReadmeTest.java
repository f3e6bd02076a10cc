package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program on the README's first screen compiles, runs, and learns. */
class ReadmeTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\\R(.*?class (\\w+).*?)```", Pattern.DOTALL);
    private static final Pattern ACCURACY = Pattern.compile("testMetric=([0-9.]+)");

    @Test
    void programLearns(@TempDir Path folder) throws Exception {
        Matcher program = PROGRAM.matcher(Files.readString(Path.of("..", "README.md")));
        assertTrue(program.find(), "README.md has a Java program");
        Path source = folder.resolve(program.group(2) + ".java");
        Files.writeString(source, program.group(1));

        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int result = ToolProvider.getSystemJavaCompiler()
                .run(null, messages, messages, "-proc:none", "-d", folder.toString(), source.toString());
        assertEquals(0, result, messages.toString(StandardCharsets.UTF_8));

        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            loader.loadClass(program.group(2)).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        List<String> accuracies = ACCURACY.matcher(printed.toString(StandardCharsets.UTF_8))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertTrue(!accuracies.isEmpty(), "an accuracy is printed: " + printed);
        double last = Double.parseDouble(accuracies.get(accuracies.size() - 1));
        assertTrue(last > 0.5, "accuracy " + last + " of ten classes");
    }
}
