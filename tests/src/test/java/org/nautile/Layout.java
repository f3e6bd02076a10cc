package org.nautile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the files of an op must be. The files are the registry, so a forgotten or left-over one must be found. */
final class Layout {
    private static final Pattern INCLUDE = Pattern.compile("#include \"nautile/(\\w+\\.hpp)\"");
    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|cpp|hpp|h|cu|cmake)|pom\\.xml");
    private static final String JAVA_API = "java-api/src/main/java/org/nautile/";

    private final Path root;
    private final List<String> problems = new ArrayList<>();

    private Layout(Path root) {
        this.root = root;
    }

    /** A line of native/ops.def. */
    record Op(String name, String category) {
        /** The start of the names of its Java classes: log_softmax gives LogSoftmax. */
        String className() {
            return Arrays.stream(name.split("_", -1))
                    .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                    .collect(Collectors.joining());
        }

        /** Tensor and the optimizers call the kernels of these directly: nobody applies them or wants their gradient. */
        boolean hasOpClass() {
            return !category.equals("memory") && !category.equals("optimizer");
        }
    }

    static List<Op> ops(Path root) throws IOException {
        return Files.readAllLines(root.resolve("native/ops.def")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split(" +", -1))
                .map(fields -> new Op(fields[0], fields[1]))
                .toList();
    }

    /** What is wrong with a source tree, one line for each file. */
    static List<String> problems(Path root) throws IOException {
        Layout layout = new Layout(root);
        layout.readmes();
        List<Op> ops = ops(root);
        List<String> names = ops.stream().map(Op::name).toList();
        if (!names.equals(List.copyOf(new TreeSet<>(names)))) {
            layout.problems.add("native/ops.def: not sorted by name, or with a name twice: " + names);
        }
        List<Op> withClass = ops.stream().filter(Op::hasOpClass).toList();

        Predicate<String> none = file -> false;
        layout.c(ops, "native/include/nautile/op/", ".h", none);
        layout.c(ops, "native/src/op/", ".cpp", none);
        layout.c(ops, "kernels/cpu/", ".cpp", none);
        layout.c(ops, "kernels/cuda/", ".cu", none);
        layout.c(ops, "kernels/include/nautile/", ".hpp", layout.included()::contains);
        layout.java(ops, JAVA_API + "backend/", "Kernel.java", none);
        layout.java(ops, JAVA_API + "backend/reference/", "Reference.java", none);
        layout.java(ops, JAVA_API + "backend/abi/", "Native.java", none);
        layout.java(withClass, JAVA_API + "op/", "Op.java", file -> true); // views and composites need no kernel
        layout.java(
                ops,
                "tests/src/main/java/org/nautile/validate/op/",
                "Cases.java",
                file -> layout.has(JAVA_API + "op/" + file.replace("Cases.java", "Op.java")));
        String bench = "bench/src/main/java/org/nautile/bench/";
        layout.java(
                ops,
                bench,
                "Bench.java",
                file -> layout.read(root.resolve(bench + file)).contains("abstract class")
                        || layout.has(
                                "models/src/main/java/org/nautile/models/" + file.replace("Bench.java", ".java")));
        return layout.problems;
    }

    /** Every folder of the top level that holds sources explains itself. Folders of builds and of runs hold none. */
    private void readmes() throws IOException {
        for (String folder : list(root, Files::isDirectory)) {
            boolean ours = !folder.startsWith(".") && !folder.startsWith("build") && !folder.equals("target");
            if (ours && !has(folder + "/README.md") && holdsSources(root.resolve(folder))) {
                problems.add(folder + "/README.md does not exist");
            }
        }
    }

    private static boolean holdsSources(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.anyMatch(
                    file -> SOURCE.matcher(file.getFileName().toString()).matches());
        }
    }

    /** Headers of kernels/ that something includes: the rest is left over. */
    private Set<String> included() throws IOException {
        Set<String> included = new HashSet<>();
        for (String folder : List.of(
                "kernels/cpu",
                "kernels/cuda",
                "kernels/openblas",
                "kernels/cudnn",
                "kernels/include/nautile",
                "native/cuda",
                "native/emulator/test",
                "native/src")) {
            for (String file : list(root.resolve(folder), Files::isRegularFile)) {
                INCLUDE.matcher(read(root.resolve(folder).resolve(file)))
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .filter(header -> !header.equals(file))
                        .forEach(included::add);
            }
        }
        return included;
    }

    private void c(List<Op> ops, String folder, String suffix, Predicate<String> others) throws IOException {
        compare(ops.stream().map(Op::name).toList(), folder, suffix, "", others);
    }

    private void java(List<Op> ops, String folder, String suffix, Predicate<String> others) throws IOException {
        compare(ops.stream().map(Op::className).toList(), folder, suffix, suffix, others);
    }

    /** Every op has its file, and of the files that end with {@code looked} there are no others, but for those allowed. */
    private void compare(List<String> ops, String folder, String suffix, String looked, Predicate<String> others)
            throws IOException {
        List<String> expected = ops.stream().map(op -> op + suffix).toList();
        List<String> found = list(root.resolve(folder), Files::isRegularFile);
        for (int i = 0; i < ops.size(); i++) {
            if (!found.contains(expected.get(i))) {
                problems.add(folder + expected.get(i) + " does not exist, the op is in native/ops.def");
            }
        }
        for (String file : found) {
            if (file.endsWith(looked) && !expected.contains(file) && !others.test(file)) {
                problems.add(folder + file + " belongs to no op of native/ops.def");
            }
        }
    }

    private boolean has(String file) {
        return Files.isRegularFile(root.resolve(file));
    }

    private String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> list(Path folder, Predicate<Path> kind) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(kind)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }
}
