package org.nautile.models.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/**
 * A subcommand of {@code nautile}, found by {@link java.util.ServiceLoader}, so that modules built later than this one can
 * add theirs. The class has a public constructor without parameters and picocli's {@code @Command} annotation, whose name is
 * what the user types.
 *
 * <p>It prints to {@code spec.commandLine().getOut()}, with {@code @Spec CommandSpec spec} a field of its own, and returns the
 * exit code: 0 good, 1 failed. Wrong usage is picocli's {@code ParameterException} (exit code 2), any other failure that the
 * user should read in one line a {@link CommandException} (exit code 1); every other exception is reported with its message
 * and exit code 1, and with its stack trace under {@code --verbose}.
 */
public interface Subcommand extends Callable<Integer> {
    /**
     * Adds subcommands of its own, for example one for each model.
     *
     * @param self the command line of this command
     */
    default void addSubcommands(CommandLine self) {}
}
