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
import org.jspecify.annotations.Nullable;
import org.nautile.models.cli.CommandException;

/**
 * A device in a JVM of its own, because the thread pools of different engines slow each other down; or another library, in a
 * program that talks as {@link Worker} does. Works go there one at a time; the process ends when its input does, so it cannot
 * outlive this one.
 */
final class ForkedLane implements Lane {
    private final String peer;
    private final Process process;
    private final Writer requests;
    private final BufferedReader answers;
    private final String description;

    private ForkedLane(String peer, List<String> command) {
        this.peer = peer;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new CommandException(name() + ": cannot start " + command.get(0) + ": " + e, e);
        }
        requests = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String state = answer();
        if (!state.startsWith(Worker.READY)) {
            close();
            throw new CommandException(state);
        }
        description = state.substring(Worker.READY.length()).strip();
    }

    /**
     * Starts the process and waits until it has opened the device.
     *
     * @param judge the device with whose results its results are compared
     * @param recorded whether an op is timed as a plan of it alone
     */
    static ForkedLane device(String device, String judge, boolean recorded) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-agentlib") && !option.startsWith("-javaagent")) { // a debugger's port is taken
                command.add(option);
            }
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName(),
                device,
                judge,
                String.valueOf(recorded)));
        return new ForkedLane(Measurement.OURS + device + (recorded ? LocalLane.RECORDED : ""), command);
    }

    /**
     * Starts a program that measures another library.
     *
     * @param peer the library's name
     * @param command a line for the shell
     */
    static ForkedLane peer(String peer, String command) {
        return new ForkedLane(peer, List.of("sh", "-c", "exec " + command));
    }

    @Override
    public String peer() {
        return peer;
    }

    /** What the program says of itself, for example the library's version; may be empty. */
    String description() {
        return description;
    }

    @Override
    public Measurement measure(Work work, int threads, Timing timing) {
        try {
            requests.write(threads + "\t" + timing.line() + "\t" + work.line() + "\n");
            requests.flush();
        } catch (IOException e) {
            throw ended(e);
        }
        return Measurement.parse(peer, work, threads, answer());
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

    private CommandException ended(@Nullable IOException e) {
        String code = "";
        try {
            code = process.waitFor(1, TimeUnit.SECONDS) ? " with exit code " + process.exitValue() : "";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return new CommandException(
                "the process of " + name() + " ended" + code,
                e == null ? new UncheckedIOException(new IOException("end of output")) : e);
    }

    private String name() {
        return (peer.startsWith(Measurement.OURS) ? "device " : "peer ") + Measurement.title(peer);
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
