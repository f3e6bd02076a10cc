package org.nautile.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text as it should be, and bytes that are none. */
class TextFileTest {
    private static final String EURO = "\u20AC"; // three bytes in UTF-8

    @TempDir
    private Path folder = Path.of("");

    private Path write(boolean gzip, byte... bytes) throws IOException {
        return Files.write(folder.resolve(gzip ? "text.gz" : "text"), gzip ? IdxBytes.gzip(bytes) : bytes);
    }

    private Path write(boolean gzip, String text) throws IOException {
        return write(gzip, text.getBytes(StandardCharsets.UTF_8));
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of("", List.of()),
                Arguments.of("\n", List.of("")),
                Arguments.of("\n\n", List.of("", "")),
                Arguments.of("a", List.of("a")),
                Arguments.of("a\nb", List.of("a", "b")),
                Arguments.of("a\r\n\r\nb\r\n", List.of("a", "", "b")),
                Arguments.of("a\rb\r\r\nc\r", List.of("a\rb\r", "c\r")), // a CR alone ends nothing
                Arguments.of("a\u0085b\u2028c\u000Bd\u0000\n", List.of("a\u0085b\u2028c\u000Bd\u0000")),
                Arguments.of(
                        "\u00E9 " + EURO + " \uD83D\uDE00\n\uFFFD",
                        List.of("\u00E9 " + EURO + " \uD83D\uDE00", "\uFFFD")));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void splitsAtLineFeedsOnly(String text, List<String> lines) throws IOException {
        for (boolean gzip : List.of(false, true)) {
            Path file = write(gzip, text);
            assertEquals(lines, TextFile.lines(file));
            assertEquals(text, TextFile.read(file));
        }
    }

    @Test
    void numbersItsLines() throws IOException {
        try (TextFile text = new TextFile(write(false, "a\nb"))) {
            assertEquals(0, text.line());
            assertEquals("a", text.next());
            assertEquals(1, text.line());
            assertEquals("b", text.next());
            assertNull(text.next());
            assertNull(text.next());
            assertEquals(2, text.line());
        }
    }

    @Test
    void dropsTheByteOrderMarkOfTheStart() throws IOException {
        Path file = write(false, "\uFEFFa\n\uFEFFb");
        assertEquals(List.of("a", "\uFEFFb"), TextFile.lines(file));
        assertEquals("a\n\uFEFFb", TextFile.read(file));
    }

    /** A character of three bytes at every place around the end of what is read at once. */
    @ParameterizedTest
    @ValueSource(ints = {65_533, 65_534, 65_535, 65_536, 65_537, 131_070})
    void linesMayBeLongerThanABlock(int before) throws IOException {
        String line = "x".repeat(before) + EURO + "y".repeat(70_001);
        Path file = write(true, line + "\r\n" + line + "\n");
        assertEquals(List.of(line, line), TextFile.lines(file));
        assertEquals(line + "\r\n" + line + "\n", TextFile.read(file));
    }

    static Stream<Arguments> noText() {
        return Stream.of(
                Arguments.of("a byte of Latin-1", new int[] {'a', '\n', '\n', 0xE9, '\n'}, "line 3: byte 0xE9 found"),
                Arguments.of("cut by a line's end", new int[] {0xE2, 0x82, '\n', 'a'}, "line 1: byte 0xE2 found"),
                Arguments.of("cut by the file's end", new int[] {'\n', 'a', 0xE2, 0x82}, "line 2: byte 0xE2 found"),
                Arguments.of("a continuation alone", new int[] {'\n', 0x80}, "line 2: byte 0x80 found"),
                Arguments.of("too long a form of /", new int[] {0xC0, 0xAF}, "line 1: byte 0xC0 found"),
                Arguments.of("half of a pair", new int[] {0xED, 0xA0, 0x80}, "line 1: byte 0xED found"),
                Arguments.of("beyond Unicode", new int[] {0xF4, 0x90, 0x80, 0x80}, "line 1: byte 0xF4 found"),
                Arguments.of("UTF-16", new int[] {0xFF, 0xFE, 'a', 0}, "line 1: byte 0xFF found"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noText")
    void saysWhereBytesAreNoText(String name, int[] values, String expected) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Arrays.stream(values).forEach(bytes::write);
        for (boolean gzip : List.of(false, true)) {
            Path file = write(gzip, bytes.toByteArray());
            String message = file + ": " + expected + ", text in UTF-8 expected";
            DataException byLine = assertThrows(DataException.class, () -> TextFile.lines(file));
            assertEquals(message, byLine.getMessage());
            assertInstanceOf(CharacterCodingException.class, byLine.getCause());
            DataException asAWhole = assertThrows(DataException.class, () -> TextFile.read(file));
            assertEquals(message, asAWhole.getMessage());
        }
    }

    @Test
    void damagedOrMissingFilesAreNamed() throws IOException {
        byte[] good = IdxBytes.gzip("a\nb\n".getBytes(StandardCharsets.UTF_8));
        Path file = Files.write(folder.resolve("cut.gz"), Arrays.copyOf(good, good.length - 6));
        DataException e = assertThrows(DataException.class, () -> TextFile.lines(file));
        assertEquals(
                file + ": offset 0: an early end of the gzip data found from here on, more data expected",
                e.getMessage());
        assertThrows(NoSuchFileException.class, () -> TextFile.read(folder.resolve("none")));
    }
}
