package org.nautile.models.cli;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** What the user typed, for reports: whoever types it again gets the same. */
final class CommandText {
    private CommandText() {}

    /** All that led to a command, "nautile train mnist-mlp --epochs 2" for example, quoted for a shell where it must be. */
    static String of(CommandSpec spec) {
        ParseResult parsed = spec.root().commandLine().getParseResult();
        List<String> args = parsed == null ? List.of() : parsed.originalArgs();
        return Stream.concat(Stream.of("nautile"), args.stream().map(CommandText::quoted))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String arg) {
        return arg.matches("[\\w@%+=:,./-]+") ? arg : "'" + arg.replace("'", "'\\''") + "'";
    }
}
