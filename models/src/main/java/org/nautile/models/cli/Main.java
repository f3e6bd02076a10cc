package org.nautile.models.cli;

import ch.qos.logback.classic.Level;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.ServiceLoader;
import org.nautile.Device;
import org.nautile.backend.Backend;
import org.nautile.backend.abi.NativeBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line {@code nautile}. Exit codes: 0 good, 1 failed, 2 wrong usage, 130 interrupted. */
@Command(
        name = "nautile",
        header = "Numerical engine for the JVM, and the models of a deep-learning course.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Main.Version.class,
        description = "nautile COMMAND --help explains a command.",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Exit codes: 0 good, 1 failed, 2 wrong usage, 130 interrupted.",
            "First steps: nautile doctor; nautile train mnist-mlp --quick"
        })
public final class Main implements Runnable {
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;
    static final int INTERRUPTED = 130;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("UnusedVariable") // picocli answers
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this help and exit.")
    private boolean help;

    @SuppressWarnings("UnusedVariable") // picocli answers
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the versions of the project, the native library and Java, and exit.")
    private boolean version;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description =
                    "Log more, such as the algorithms chosen for convolutions, and print the stack trace of an error."
                            + " Default: warnings and one line for an error.")
    private boolean verbose;

    private Main(Terminal terminal) {
        this.terminal = terminal;
        this.spec = CommandSpec.create(); // picocli puts the real one here
    }

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        StandardOutput stdout = new StandardOutput();
        PrintWriter out = writer(new BufferedOutputStream(stdout));
        PrintWriter err = writer(new FileOutputStream(FileDescriptor.err));
        Interrupts.install(err);
        int code = run(args, out, err, Terminal.ofProcess());
        out.flush();
        String problem = stdout.problem();
        if (problem != null) {
            err.println("nautile: standard output: " + problem);
            code = code == 0 ? FAILED : code;
        }
        Interrupts.ended();
        if (!Interrupts.interrupted()) { // or the process is ending already, and exit() would wait for ever
            System.exit(code);
        }
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /**
     * Runs a command in this process, for files or pipes.
     *
     * @param args the command and its options
     * @param out takes what the command prints
     * @param err takes errors and warnings
     * @return the exit code
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return run(args, out, err, Terminal.NONE);
    }

    private static int run(String[] args, PrintWriter out, PrintWriter err, Terminal terminal) {
        System.setProperty("java.awt.headless", "true"); // pictures go to files
        Main main = new Main(terminal);
        try {
            int code = main.commandLine().setOut(out).setErr(err).execute(args);
            out.flush();
            return code;
        } catch (Error e) { // picocli handles exceptions only
            return main.fail(e, err);
        }
    }

    /** The command line with every subcommand on the class path. */
    private CommandLine commandLine() {
        CommandLine line = new CommandLine(this);
        ServiceLoader.load(Subcommand.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(Main::place))
                .forEach(command -> {
                    CommandLine sub = new CommandLine(command);
                    command.addSubcommands(sub);
                    line.addSubcommand(sub);
                });
        space(line);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.colour() ? Ansi.ON : Ansi.OFF));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setOverwrittenOptionsAllowed(false);
        line.setAbbreviatedOptionsAllowed(false);
        line.setExecutionStrategy(this::execute);
        line.setParameterExceptionHandler((e, args) -> wrongUsage(e));
        line.setExecutionExceptionHandler((e, command, result) -> fail(e, command.getErr()));
        return line;
    }

    /** Gives all help texts the same spacing. */
    private static void space(CommandLine line) {
        line.getCommandSpec()
                .usageMessage()
                .synopsisHeading("%nUsage: ")
                .descriptionHeading("%n")
                .optionListHeading("%nOptions:%n");
        line.getSubcommands().values().forEach(Main::space);
    }

    /** The commands of this module come first, in the order in which a user meets them. */
    private static int place(Subcommand command) {
        List<Class<?>> order = List.of(
                DoctorCommand.class,
                DevicesCommand.class,
                ModelsCommand.class,
                TrainCommand.class,
                CompareCommand.class,
                CompareModelsCommand.class,
                DownloadCommand.class);
        int place = order.indexOf(command.getClass());
        return place < 0 ? order.size() : place;
    }

    private int execute(CommandLine.ParseResult result) {
        Logger root = LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        if (root instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(verbose ? Level.DEBUG : Level.WARN);
        }
        return new CommandLine.RunLast().execute(result);
    }

    /** Without a command: the help is the answer, but not what was asked for. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is needed: " + String.join(", ", spec.subcommands().keySet()));
    }

    private static int wrongUsage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String text = String.valueOf(e.getMessage());
        if (e instanceof UnmatchedArgumentException unmatched) {
            text = unmatched(command, unmatched.getUnmatched().get(0));
        }
        command.getErr()
                .println("nautile: " + decapitalised(Failures.oneLine(text)) + " ("
                        + command.getCommandSpec().qualifiedName() + " --help)");
        return WRONG_USAGE;
    }

    private static String unmatched(CommandLine command, String argument) {
        CommandSpec spec = command.getCommandSpec();
        if (argument.startsWith("-") && argument.length() > 1) {
            String name = argument.split("=", 2)[0];
            Collection<String> options = spec.optionsMap().keySet().stream()
                    .filter(option -> option.startsWith("--"))
                    .toList();
            return "unknown option " + name + Nearest.hint(name, options);
        }
        Collection<String> commands = spec.subcommands().keySet();
        if (commands.isEmpty()) {
            return "unexpected argument " + argument;
        }
        String kind = spec.usageMessage().synopsisSubcommandLabel().toLowerCase(Locale.ROOT);
        String hint = Nearest.hint(argument, commands);
        return "unknown " + kind + " " + argument
                + (hint.isEmpty() ? "; there are " + String.join(", ", commands) : hint);
    }

    private static String decapitalised(String text) {
        boolean word =
                text.length() > 1 && Character.isUpperCase(text.charAt(0)) && Character.isLowerCase(text.charAt(1));
        return word ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : text;
    }

    private int fail(Throwable failure, PrintWriter err) {
        err.println("nautile: " + Failures.line(failure));
        if (verbose) {
            failure.printStackTrace(err);
        }
        err.flush();
        return FAILED;
    }

    Terminal terminal() {
        return terminal;
    }

    /**
     * This build's version.
     *
     * @return for example {@code "0.1.0-SNAPSHOT"}
     */
    public static String projectVersion() {
        Properties properties = new Properties();
        try (InputStream in = Main.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            LoggerFactory.getLogger(Main.class).debug("build.properties", e);
        }
        return properties.getProperty("version", "(unknown version)");
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "nautile " + projectVersion(),
                "native library " + nativeVersion(),
                "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + "), "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }

        private static String nativeVersion() {
            try {
                Backend backend = Device.of("cpu").backend();
                return backend instanceof NativeBackend cpu
                        ? NativeBackend.version() + ", running " + cpu.target()
                        : "absent";
            } catch (RuntimeException e) {
                return "not usable: " + Failures.line(e);
            }
        }
    }
}
