package org.nautile;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program in a JVM of its own, for what is decided once in a process: environment, properties, memory, libraries. */
public final class ChildJvm {
    private final Class<?> main;
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new java.util.HashMap<>();
    private final List<String> wrapper = new ArrayList<>();
    private String classPath = System.getProperty("java.class.path");

    public ChildJvm(Class<?> main) {
        this.main = main;
    }

    /** An option of the JVM, for example {@code -Xmx64m}. */
    public ChildJvm option(String option) {
        options.add(option);
        return this;
    }

    /** Instead of this process's class path. */
    public ChildJvm classPath(String entries) {
        classPath = entries;
        return this;
    }

    /** A command to which Java and its arguments are given, for example {@code env}. */
    public ChildJvm wrapper(List<String> command) {
        wrapper.addAll(command);
        return this;
    }

    public ChildJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Runs the program. Its exit code, and all that it printed, logged and threw. */
    public Outcome run(String... args) throws Exception {
        File output = File.createTempFile("child", ".txt"); // a pipe would block the child when it is full
        try {
            Process process = start(output, args);
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("still running after 5 minutes: " + Files.readString(output.toPath()));
            }
            return new Outcome(process.exitValue(), Files.readString(output.toPath()));
        } finally {
            Files.delete(output.toPath());
        }
    }

    /** Starts the program, which prints, logs and throws into a file. */
    public Process start(File output, String... args) throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:ErrorFile=target/hs_err_%p.log"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** What the program left behind. */
    public record Outcome(int code, String output) {}
}
