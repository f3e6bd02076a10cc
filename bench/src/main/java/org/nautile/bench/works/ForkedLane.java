package org.nautile.bench.works;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.nautile.models.cli.CommandException;

/**
 * A device in a JVM of its own, because the thread pools of different engines slow each other down. Works go there one at a time;
 * the process ends when its input does, so it cannot outlive this one.
 */
final class ForkedLane implements Lane {
    private final String device;
    private final Process process;
    private final Writer requests;
    private final BufferedReader answers;

    /** Starts the process and waits until it has opened the device. */
    ForkedLane(String device, Timing timing) {
        this.device = device;
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-agentlib") && !option.startsWith("-javaagent")) { // a debugger's port is taken
                command.add(option);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
        command.addAll(List.of(device, Double.toString(timing.budget())));
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new CommandException("device " + device + ": cannot start " + command.get(0) + ": " + e, e);
        }
        requests = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String state = answer();
        if (!state.equals(Worker.READY)) {
            close();
            throw new CommandException(state);
        }
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public Measurement measure(Work work, int threads) {
        try {
            requests.write(threads + "\t" + work.line() + "\n");
            requests.flush();
        } catch (IOException e) {
            throw ended(e);
        }
        return Measurement.parse(device, work, answer());
    }

    private String answer() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw ended(null);
            }
            return line;
        } catch (IOException e) {
            throw ended(e);
        }
    }

    private CommandException ended(@org.jspecify.annotations.Nullable IOException e) {
        String code = "";
        try {
            code = process.waitFor(1, TimeUnit.SECONDS) ? " with exit code " + process.exitValue() : "";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return new CommandException(
                "the process of device " + device + " ended" + code,
                e == null ? new UncheckedIOException(new IOException("end of output")) : e);
    }

    /** Ends the process at once, from any thread. */
    void kill() {
        process.destroy();
    }

    @Override
    public void close() {
        try {
            requests.close();
        } catch (IOException e) {
            process.destroy(); // it has gone, or goes now
        }
    }
}
