package org.nautile.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.models.Model;
import org.nautile.models.cli.Main;

/** Every command line in a README names a command that exists, and options that it has. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..");
    // an indented line up to its comment, or code within a sentence
    private static final Pattern LINE =
            Pattern.compile("^ {4}\\./nautile +(\\S.*?)(?: {2,}.*| +#.*)?$", Pattern.MULTILINE);
    private static final Pattern INLINE = Pattern.compile("`\\./nautile +([^`]+)`");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z0-9-]*");

    record Documented(String file, String command) {
        @Override
        public String toString() {
            return file + ": " + command;
        }
    }

    static List<Documented> commands() throws IOException {
        List<Documented> commands = new ArrayList<>();
        try (Stream<Path> files = Files.walk(ROOT, 3)) {
            for (Path file :
                    files.filter(path -> path.endsWith("README.md")).sorted().toList()) {
                String text = Files.readString(file);
                Stream.of(LINE, INLINE)
                        .flatMap(pattern -> pattern.matcher(text).results())
                        .map(found -> new Documented(ROOT.relativize(file).toString(), found.group(1)))
                        .forEach(commands::add);
            }
        }
        return commands;
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandExistsAndHasTheseOptions(Documented documented) {
        for (List<String> names : names(documented.command())) {
            String help = help(names);
            OPTION.matcher(documented.command())
                    .results()
                    .map(MatchResult::group)
                    .forEach(option -> assertTrue(
                            Pattern.compile(Pattern.quote(option) + "(?![\\w-])")
                                    .matcher(help)
                                    .find(),
                            () -> documented + ": " + names + " has no " + option));
        }
    }

    @Test
    void someAreFound() throws IOException {
        List<String> found = commands().stream().map(Documented::command).toList();
        assertTrue(found.contains("train mnist-mlp"), found::toString);
        assertTrue(found.size() > 30, found::toString);
    }

    @Test
    void whatDoesNotExistIsNoticed() {
        assertFalse(help(List.of("train", "mnist-mlp")).contains("--no-such-option"));
        assertThrows(AssertionError.class, () -> help(List.of("no-such-command")));
    }

    /** What stands before the options: a command and perhaps a model, which has options of its own; or several commands, "devices | models". */
    private static List<List<String>> names(String command) {
        String[] words = command.split("\\s+", -1);
        if (words.length > 2 && words[1].equals("|")) {
            return Stream.of(command.split(" \\| ", -1)).map(List::of).toList();
        }
        if (words.length > 1 && words[1].equals("MODEL")) {
            return List.of(List.of(words[0], "mnist-mlp"));
        }
        boolean ofModel =
                words.length > 1 && Model.all().stream().map(Model::name).anyMatch(words[1]::equals);
        return List.of(ofModel ? List.of(words[0], words[1]) : List.of(words[0]));
    }

    private static String help(List<String> names) {
        List<String> arguments = new ArrayList<>(names);
        arguments.add("--help");
        StringWriter text = new StringWriter();
        assertEquals(0, run(arguments, text), () -> "nautile " + String.join(" ", arguments) + ": " + text);
        String usage = "Usage: nautile " + String.join(" ", arguments.subList(0, arguments.size() - 1));
        assertTrue(text.toString().contains(usage), () -> usage + " is not in " + text);
        return text.toString();
    }

    private static int run(List<String> arguments, StringWriter text) {
        PrintWriter writer = new PrintWriter(text, true);
        return Main.run(arguments.toArray(new String[0]), writer, writer);
    }
}
