package org.nautile.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of headers. */
class JsonTest {
    @Test
    void readsEveryKindOfValue() {
        assertEquals(
                Map.of("a", List.of(1L, -2.5, 1e30, 0L), "b", Map.of(), "", List.of()),
                Json.parse(" { \"a\" : [ 1 , -2.5,1e+30,0 ],\"b\":{ },\"\":[\n]\t}\r\n"));
        assertEquals(Arrays.asList(true, false, null), Json.parse("[true,false,null]"));
        assertEquals(
                "\"\\/\b\f\n\r\tA\u20AC\uD83D\uDE00",
                Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u20ac\\uD83D\\uDE00\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "", "\"quoted\" \\ and \n \u0000 \u001F", "Gr\u00F6\u00DFe \uD83D\uDE00"})
    void readsWhatItQuotes(String text) {
        assertEquals(text, Json.parse(Json.quote(text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~|0",
                "nul|0",
                "xyz|0",
                "01|0",
                "-|0",
                "1.|0",
                ".5|0",
                "+1|0",
                "NaN|0",
                "1 2|2",
                "[1,]|3",
                "[1 2]|3",
                "[1|2",
                "{\"a\" 1}|5",
                "{\"a\":1,}|7",
                "{a:1}|1",
                "{\"a\":1|6",
                "\"abc|4",
                "\"\\x\"|3",
                "\"\\u12\"|3",
                "\"\\u+123\"|3",
                "\"a\tb\"|3"
            })
    void saysWhereItIsWrong(String text, int at) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Json.parse(text))
                .getMessage());
        assertTrue(message.startsWith("character " + at + " of the JSON: "), message);
        assertTrue(message.endsWith(" expected"), message);
    }

    @Test
    void refusesDeepNestingAndRepeatedNames() {
        Json.parse("[".repeat(65) + "]".repeat(65));
        for (String deep : List.of("[".repeat(66), "[".repeat(1_000_000), "{\"a\":".repeat(1_000_000))) {
            assertThrows(IllegalArgumentException.class, () -> Json.parse(deep));
        }
        assertThrows(IllegalArgumentException.class, () -> Json.parse("{\"a\":1,\"a\":1}"));
    }
}
