package org.nautile.models.cli;

import org.jspecify.annotations.Nullable;
import org.nautile.Threads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option {@code --threads}, for picocli's {@code @Mixin}. */
public final class ThreadsOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that compute. Default: OMP_NUM_THREADS, or else the processors the JVM may use.")
    private @Nullable Integer count;

    /** For picocli. */
    public ThreadsOption() {}

    /** Lets the process compute with so many, if the option was given; refuses a number below 1 as wrong usage. */
    public void use() {
        Refusal.below(1, "--threads", count, command.commandLine());
        if (count != null) {
            Threads.set(count);
        }
    }
}
