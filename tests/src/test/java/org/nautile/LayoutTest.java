package org.nautile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.backend.LossReduction;

/** An op has one name and the same place in every layer. */
class LayoutTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern C_ENUM = Pattern.compile("enum \\{(.*?)\\};", Pattern.DOTALL);
    private static final Pattern C_CONSTANT = Pattern.compile("NTL_(\\w+) = (\\d+)");

    @TempDir
    private Path tree = Path.of("");

    @Test
    void everyOpHasItsFiles() throws IOException {
        assertEquals("", String.join("\n", Layout.problems(ROOT)));
    }

    /** A device that borrows kernels says of which ops, and the files say the same. */
    @ParameterizedTest
    @ValueSource(strings = {"openblas", "cudnn"})
    void borrowedKernelsAreNamed(String device) throws Exception {
        String provider =
                "org.nautile.backend.abi." + Character.toUpperCase(device.charAt(0)) + device.substring(1) + "Provider";
        var borrowed = Class.forName(provider).getDeclaredField("BORROWED");
        borrowed.setAccessible(true);
        try (var files = Files.list(ROOT.resolve("kernels/" + device))) {
            assertEquals(
                    borrowed.get(null),
                    files.map(file -> file.getFileName().toString().replace(".cpp", ""))
                            .collect(java.util.stream.Collectors.toSet()));
        }
    }

    /** The C ABI takes the ordinals of enums. */
    @Test
    void enumsHaveTheOrderOfTheConstants() throws Exception {
        int compared = 0;
        for (Layout.Op op : Layout.ops(ROOT)) {
            Class<?> kernel = Class.forName("org.nautile.backend." + op.className() + "Kernel");
            List<Class<?>> enums = Arrays.stream(kernel.getDeclaredClasses())
                    .filter(Class::isEnum)
                    .sorted(Comparator.comparing(Class::getName))
                    .toList();
            String header = Files.readString(ROOT.resolve("native/include/nautile/op/" + op.name() + ".h"));
            List<String> blocks = C_ENUM.matcher(header)
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            assertEquals(enums.size(), blocks.size(), "enumerations of " + op.name());
            for (int i = 0; i < blocks.size(); i++) {
                compare(enums.get(i), blocks.get(i));
                compared++;
            }
        }
        assertTrue(compared > 0);
    }

    /** What several ops share is in core.h. */
    @Test
    void lossReductionsHaveTheOrderOfTheConstants() throws Exception {
        String prefix = "REDUCTION_";
        List<String> constants = C_CONSTANT
                .matcher(Files.readString(ROOT.resolve("native/include/nautile/core.h")))
                .results()
                .filter(found -> found.group(1).startsWith(prefix))
                .map(found -> found.group(2) + " " + found.group(1).substring(prefix.length()))
                .toList();
        List<String> values = Arrays.stream(LossReduction.values())
                .map(value -> value.ordinal() + " " + value.name())
                .toList();
        assertEquals(values, constants);
    }

    private static void compare(Class<?> javaEnum, String block) {
        String prefix = javaEnum.getSimpleName().toUpperCase(Locale.ROOT) + "_";
        List<String> constants = C_CONSTANT
                .matcher(block)
                .results()
                .map(found -> found.group(2) + " "
                        + (found.group(1).startsWith(prefix)
                                ? found.group(1).substring(prefix.length())
                                : found.group(1)))
                .toList();
        List<String> values = Arrays.stream(javaEnum.getEnumConstants())
                .map(value -> ((Enum<?>) value).ordinal() + " " + ((Enum<?>) value).name())
                .toList();
        assertEquals(values, constants, javaEnum.getName());
    }

    // ------------------------------------------------------------------ the rules find what is wrong

    /** A tree with two ops, one of which has no class of its own in java-api's op folder. */
    private void goodTree() throws IOException {
        file("native/ops.def", "# comment\nfill        memory   forward\nlog_softmax softmax  forward backward\n");
        for (String top : List.of("native", "kernels", "java-api", "models", "tests", "bench")) {
            file(top + "/README.md", "");
        }
        file("out/report.html", ""); // of a run; needs no README
        for (String op : List.of("fill", "log_softmax")) {
            file("native/include/nautile/op/" + op + ".h", "");
            file("native/src/op/" + op + ".cpp", "");
            file("kernels/cpu/" + op + ".cpp", "#include \"nautile/vec.hpp\"\n");
            file("kernels/cuda/" + op + ".cu", "");
            file("kernels/include/nautile/" + op + ".hpp", "");
        }
        file("kernels/include/nautile/vec.hpp", "");
        String api = "java-api/src/main/java/org/nautile/";
        for (String op : List.of("Fill", "LogSoftmax")) {
            file(api + "backend/" + op + "Kernel.java", "");
            file(api + "backend/reference/" + op + "Reference.java", "");
            file(api + "backend/abi/" + op + "Native.java", "");
            file("tests/src/main/java/org/nautile/validate/op/" + op + "Cases.java", "");
            file("bench/src/main/java/org/nautile/bench/" + op + "Bench.java", "");
        }
        file(api + "op/LogSoftmaxOp.java", "");
        file(api + "op/SliceOp.java", ""); // a view
        file("tests/src/main/java/org/nautile/validate/op/SliceCases.java", "");
        file("models/src/main/java/org/nautile/models/MnistMlp.java", "");
        file("bench/src/main/java/org/nautile/bench/MnistMlpBench.java", "");
        file("bench/src/main/java/org/nautile/bench/OpBench.java", "abstract class OpBench {}");
    }

    private void file(String name, String content) throws IOException {
        Path file = tree.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void aGoodTreeHasNoProblems() throws IOException {
        goodTree();
        assertEquals(List.of(), Layout.problems(tree));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "native/README.md",
                "bench/README.md",
                "native/include/nautile/op/fill.h",
                "native/src/op/log_softmax.cpp",
                "kernels/cpu/fill.cpp",
                "kernels/cuda/log_softmax.cu",
                "kernels/include/nautile/log_softmax.hpp",
                "java-api/src/main/java/org/nautile/backend/LogSoftmaxKernel.java",
                "java-api/src/main/java/org/nautile/backend/reference/FillReference.java",
                "java-api/src/main/java/org/nautile/backend/abi/LogSoftmaxNative.java",
                "java-api/src/main/java/org/nautile/op/LogSoftmaxOp.java",
                "tests/src/main/java/org/nautile/validate/op/FillCases.java",
                "bench/src/main/java/org/nautile/bench/LogSoftmaxBench.java"
            })
    void aMissingFileIsNamed(String name) throws IOException {
        goodTree();
        Files.delete(tree.resolve(name));
        named(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "native/include/nautile/op/softmax.h",
                "native/src/op/log_softmax.hpp",
                "kernels/cpu/notes.txt",
                "kernels/cuda/softmax.cu",
                "kernels/include/nautile/softmax.hpp",
                "java-api/src/main/java/org/nautile/backend/SoftmaxKernel.java",
                "java-api/src/main/java/org/nautile/backend/reference/SoftmaxReference.java",
                "java-api/src/main/java/org/nautile/backend/abi/SoftmaxNative.java",
                "tests/src/main/java/org/nautile/validate/op/SoftmaxCases.java",
                "bench/src/main/java/org/nautile/bench/SoftmaxBench.java"
            })
    void aStrayFileIsNamed(String name) throws IOException {
        goodTree();
        file(name, "");
        named(name);
    }

    @Test
    void aNewFolderWithSourcesWantsReadme() throws IOException {
        goodTree();
        file("extra/a/B.java", "");
        named("extra/README.md");
    }

    @Test
    void opsAreSorted() throws IOException {
        goodTree();
        file("native/ops.def", "log_softmax softmax forward\nfill memory forward\n");
        named("native/ops.def");
    }

    private void named(String name) throws IOException {
        List<String> problems = Layout.problems(tree);
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).startsWith(name), problems::toString);
    }
}
