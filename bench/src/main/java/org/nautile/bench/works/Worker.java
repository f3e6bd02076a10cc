package org.nautile.bench.works;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.nautile.DeviceException;

/**
 * The other end of {@link ForkedLane}. A line of input is a number of threads, a {@link Timing}, and a work, with tabs between; a
 * line of output is the measurement. The first line of output is {@link #READY}, or why the device cannot be used.
 */
final class Worker {
    static final String READY = "ready";

    private Worker() {}

    /**
     * Measures until the input ends.
     *
     * @param args the device, the one with whose results its results are compared, and whether an op is timed as a plan of it
     *     alone
     */
    public static void main(String[] args) throws InterruptedException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever a library prints must not look like an answer
        BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> read(requests), "requests");
        reader.setDaemon(true);
        reader.start();
        LocalLane lane;
        try {
            lane = new LocalLane(args[0], args[1], Boolean.parseBoolean(args[2]));
        } catch (DeviceException | IllegalArgumentException e) {
            out.println(String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", "; "));
            return;
        }
        out.println(READY);
        while (true) {
            String[] request = requests.take().split("\t", 3);
            Measurement measurement =
                    lane.measure(Work.parse(request[2]), Integer.parseInt(request[0]), Timing.parse(request[1]));
            out.println(measurement.json());
        }
    }

    /** Hands on what comes in. When nothing more can come, nobody waits for an answer: also in the middle of a work. */
    private static void read(BlockingQueue<String> requests) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                requests.add(line);
            }
        } catch (IOException e) {
            System.err.println("nautile: " + e);
        }
        Runtime.getRuntime().halt(0);
    }
}
