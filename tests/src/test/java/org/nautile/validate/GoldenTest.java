package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.io.DataException;

/** PyTorch's cases pass on every device, and fail where results are wrong. */
class GoldenTest {
    private static final Path RESOURCES = Path.of("src/main/resources/golden");
    private static final Charset BYTES = StandardCharsets.ISO_8859_1; // one character for each byte
    private static final Pattern OUTPUT = Pattern.compile("\"out[^}]*\"data_offsets\":\\[[0-9]+, ?([0-9]+)]");
    private static final String OTHERS = "NAUTILE_GOLDEN";

    @AfterEach
    void reset() {
        FaultyBackend.fault(FaultyBackend.Element.MIDDLE);
    }

    private static List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        for (String name : Device.names()) {
            try {
                devices.add(Device.of(name));
            } catch (DeviceException e) {
                System.err.println("SKIPPED: golden cases on " + name + ": " + e.getMessage());
            }
        }
        return devices;
    }

    private static Stream<DynamicTest> tests(List<Golden> cases) {
        return devices().stream()
                .flatMap(device -> cases.stream()
                        .map(test -> DynamicTest.dynamicTest(test + " on " + device, () -> {
                            Measure measure = test.check(device);
                            assertTrue(measure.used() <= 1, () -> measure.toString());
                        })));
    }

    @TestFactory
    Stream<DynamicTest> builtInCasesPass() {
        return tests(Golden.builtIn());
    }

    /** The cases of the folder NAUTILE_GOLDEN: all that PyTorch was asked for, in sizes that are too large for a jar. */
    @TestFactory
    Stream<DynamicTest> otherCasesPass() throws IOException {
        String folder = System.getenv(OTHERS);
        if (folder == null) {
            String message = "SKIPPED: " + OTHERS + " names no folder with more golden cases";
            System.err.println(message);
            return Stream.of(DynamicTest.dynamicTest(message, () -> Assumptions.abort(message)));
        }
        List<Golden> all = Golden.in(Path.of(folder));
        List<Golden> supported = all.stream().filter(Golden::supported).toList();
        System.out.println(supported.size() + " golden cases in " + folder + ", " + (all.size() - supported.size())
                + " of what is not built yet");
        return tests(supported);
    }

    @ParameterizedTest
    @EnumSource
    void everyCaseFailsOnWrongResults(FaultyBackend.Element element) {
        Device faulty = Device.of(FaultyProvider.NAME);
        for (Golden test : Golden.builtIn()) {
            FaultyBackend.fault(element);
            Mismatch mismatch = assertThrows(Mismatch.class, () -> test.check(faulty), test::name);
            assertTrue(String.valueOf(mismatch.getMessage()).startsWith(test.name()), mismatch::getMessage);
        }
    }

    /** The last kernel of a case computes a gradient, or what a trained model says: no wrong output may hide that check. */
    @ParameterizedTest
    @EnumSource
    void everyCaseFailsWhenOnlyTheLastKernelIsWrong(FaultyBackend.Element element) {
        Device faulty = Device.of(FaultyProvider.NAME);
        for (Golden test : Golden.builtIn()) {
            FaultyBackend.fault(element, Integer.MAX_VALUE);
            test.check(faulty); // right, as no call is wrong: the failures below are the fault's
            int calls = FaultyBackend.calls();
            int right = calls - 1;
            FaultyBackend.fault(element, right);
            while (right > 0
                    && isRight(
                            test, faulty)) { // the last kernel adds zeros to a gradient: what it does cannot be wrong
                assertEquals(0, FaultyBackend.spoilt(), test::name);
                right--;
                FaultyBackend.fault(element, right);
            }
            FaultyBackend.fault(element, right);
            assertThrows(Mismatch.class, () -> test.check(faulty), test::name);
            assertEquals(calls, FaultyBackend.calls(), test::name);
        }
    }

    private static boolean isRight(Golden test, Device device) {
        try {
            test.check(device);
            return true;
        } catch (Mismatch e) {
            return false;
        }
    }

    @Test
    void indexIsComplete() throws IOException {
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            List<String> found = files.filter(path -> path.toString().endsWith(".safetensors"))
                    .map(path -> RESOURCES.relativize(path).toString())
                    .sorted()
                    .toList();
            assertEquals(found, Files.readAllLines(RESOURCES.resolve("index.txt")));
        }
    }

    @Test
    void namesAndOps() throws IOException {
        List<Golden> cases = Golden.builtIn();
        assertEquals(
                cases.stream().map(Golden::name).sorted().toList(),
                cases.stream().map(Golden::name).toList());
        assertTrue(cases.stream().allMatch(Golden::supported), "what is built in can be checked");
        List<String> ops = new ArrayList<>(OpCases.ops());
        ops.add("mnist-mlp");
        for (Golden test : cases) {
            assertTrue(ops.contains(test.op()), () -> test + " is of " + test.op());
        }
    }

    @Test
    void listsWhatIsNotBuiltYet(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("fft"));
        Files.createDirectories(folder.resolve("optimizer"));
        Files.createFile(folder.resolve("fft/0.safetensors"));
        Files.createFile(folder.resolve("optimizer/lion.safetensors"));
        Files.createFile(folder.resolve("optimizer/sgd.safetensors"));
        Files.createFile(folder.resolve("optimizer/README.md"));
        Files.createFile(folder.resolve("loose.safetensors"));
        List<Golden> cases = Golden.in(folder);
        assertEquals(
                List.of("fft/0", "optimizer/lion", "optimizer/sgd"),
                cases.stream().map(Golden::name).toList());
        assertEquals(
                List.of("fft", "optimizer", "sgd"),
                cases.stream().map(Golden::op).toList());
        assertEquals(
                List.of(false, false, true),
                cases.stream().map(Golden::supported).toList());
        Device reference = Device.of("reference");
        assertThrows(IllegalStateException.class, () -> cases.get(0).check(reference));
    }

    @Test
    void foldersWithoutCasesAreNamed(@TempDir Path folder) {
        DataException empty = assertThrows(DataException.class, () -> Golden.in(folder));
        assertTrue(String.valueOf(empty.getMessage()).contains(folder.toString()), empty::getMessage);
        Path absent = folder.resolve("absent");
        DataException none = assertThrows(DataException.class, () -> Golden.in(absent));
        assertTrue(String.valueOf(none.getMessage()).contains(absent.toString()), none::getMessage);
    }

    /** Whatever is cut off, or written over with other bytes, the case fails, and the message names the file. */
    @Test
    void damagedFilesAreNamed(@TempDir Path folder) throws IOException {
        for (Golden test : Golden.builtIn()) {
            byte[] good = Files.readAllBytes(RESOURCES.resolve(test + ".safetensors"));
            Path file = folder.resolve(test + ".safetensors");
            Files.createDirectories(file.resolveSibling(""));
            for (int length = 0; length < good.length; length += Math.max(29, good.length / 20)) {
                damaged(folder, file, Arrays.copyOf(good, length));
            }
            String text = new String(good, BYTES);
            byte[] other = good.clone();
            other[endOfOutput(good, text) - 1] ^= (byte) 0x40; // the exponent of the output's last number
            damaged(folder, file, other);
            String[][] changes = {
                {"\"in.", "\"im."},
                {"\"out.", "\"our."},
                {"\"F32\"", "\"I32\""},
                {"\"op\"", "\"oq\""},
                {"\"attrs\":\"{", "\"attrs\":\"("}
            };
            for (String[] change : changes) {
                String changed = text.replace(change[0], change[1]);
                assertNotEquals(text, changed, test::name);
                damaged(folder, file, changed.getBytes(BYTES));
            }
            Files.delete(file);
        }
    }

    /** Where the elements of the first output end in a file. */
    private static int endOfOutput(byte[] file, String text) {
        Matcher output = OUTPUT.matcher(text);
        assertTrue(output.find());
        long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return Math.toIntExact(8 + header + Integer.parseInt(output.group(1)));
    }

    private static void damaged(Path folder, Path file, byte[] content) throws IOException {
        Files.write(file, content);
        List<Golden> cases = Golden.in(folder);
        assertEquals(1, cases.size());
        Device reference = Device.of("reference");
        Mismatch mismatch = assertThrows(Mismatch.class, () -> cases.get(0).check(reference));
        assertTrue(String.valueOf(mismatch.getMessage()).startsWith(file.toString()), mismatch::getMessage);
        assertNotNull(mismatch.getCause());
    }
}
