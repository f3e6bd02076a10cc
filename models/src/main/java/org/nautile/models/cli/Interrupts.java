package org.nautile.models.cli;

import java.io.PrintWriter;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and a polite kill. The virtual machine answers both by running shutdown hooks, beside the threads that work, and
 * then ends with 128 + the signal's number; the hook made here asks the work to stop and gives it time to save what it has.
 */
public final class Interrupts {
    private static final long PATIENCE_SECONDS = 10;

    private static final Deque<Runnable> ACTIONS = new ConcurrentLinkedDeque<>();
    private static final CountDownLatch ENDED = new CountDownLatch(1);
    private static volatile boolean interrupted;
    private static volatile String report = "";

    private Interrupts() {}

    /** Work that can be stopped; closing it says that it is over. */
    public interface Stoppable extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Declares work that can be stopped early.
     *
     * @param stop asks it to stop, from another thread; returns at once
     * @return to be closed when the work has ended
     */
    public static Stoppable onInterrupt(Runnable stop) {
        ACTIONS.push(stop);
        return () -> ACTIONS.remove(stop);
    }

    /**
     * Adds to the line that tells of the interruption.
     *
     * @param whatWasSaved for example {@code "3 of 12 epochs are in runs/x"}
     */
    public static void report(String whatWasSaved) {
        report = whatWasSaved;
    }

    /** Whether the process is ending because of a signal. */
    static boolean interrupted() {
        return interrupted;
    }

    /** Makes the process answer signals; once. */
    static void install(PrintWriter err) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> answer(err), "nautile-interrupt"));
    }

    /** The work has ended, with whatever it had to save on disk. */
    static void ended() {
        ENDED.countDown();
    }

    private static void answer(PrintWriter err) {
        if (ENDED.getCount() == 0) {
            return; // the end of a program that was not interrupted
        }
        interrupted = true;
        boolean stoppable = !ACTIONS.isEmpty();
        ACTIONS.forEach(Runnable::run);
        try {
            if (stoppable && !ENDED.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                report = "the work did not stop within " + PATIENCE_SECONDS + " s and may not be saved";
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        err.println("nautile: interrupted" + (report.isEmpty() ? "" : "; " + report));
        err.flush();
    }
}
