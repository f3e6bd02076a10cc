package org.nautile.models.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What the streams lead to.
 *
 * @param out whether standard output is a terminal
 * @param err whether standard error is a terminal: progress bars are drawn there
 * @param colour whether text may be coloured
 */
public record Terminal(boolean out, boolean err, boolean colour) {
    /** Files or pipes: plain text. */
    public static final Terminal NONE = new Terminal(false, false, false);

    /** The terminal of this process. NO_COLOR (any value) and TERM=dumb are respected. */
    static Terminal ofProcess() {
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        boolean out = isTerminal(1) && !dumb;
        boolean err = isTerminal(2) && !dumb;
        String noColour = System.getenv("NO_COLOR");
        return new Terminal(out, err, out && (noColour == null || noColour.isEmpty()));
    }

    /** Java tells only of both streams at once, Linux of each. */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        if (!Files.isSymbolicLink(link)) {
            return console();
        }
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    @SuppressWarnings("SystemConsoleNull") // that is what the second question is for
    private static boolean console() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true; // before Java 22 there is a console only where there is a terminal
        }
    }

    /**
     * The terminal a command prints to.
     *
     * @param spec the command
     * @return what {@link Main} was started with
     */
    public static Terminal of(CommandSpec spec) {
        return spec.root().userObject() instanceof Main main ? main.terminal() : NONE;
    }
}
