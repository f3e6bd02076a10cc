package org.nautile.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON (RFC 8259), as far as headers of files need it. Objects become maps, whole numbers Long, others Double. */
public final class Json {
    private static final int DEPTH = 64;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /**
     * Reads a text.
     *
     * @param text one value
     * @return a Map by names in their order, a List, a String, a Long, a Double, a Boolean or null
     * @throws IllegalArgumentException if it is not JSON, nests deeper than 64, or names a field twice
     */
    public static @Nullable Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.skip();
        if (json.at < text.length()) {
            throw json.error("end");
        }
        return value;
    }

    private @Nullable Object value(int depth) {
        if (depth > DEPTH) {
            throw error("at most " + DEPTH + " levels");
        }
        skip();
        char c = at < text.length() ? text.charAt(at) : 0;
        return switch (c) {
            case '{' -> object(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, @Nullable Object> object(int depth) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        expect('{');
        if (!next('}')) {
            do {
                skip();
                String name = string();
                skip();
                expect(':');
                if (fields.containsKey(name)) {
                    throw new IllegalArgumentException("'" + name + "' is there twice");
                }
                fields.put(name, value(depth + 1));
            } while (next(','));
            skip();
            expect('}');
        }
        return fields;
    }

    private List<@Nullable Object> list(int depth) {
        List<@Nullable Object> elements = new ArrayList<>();
        expect('[');
        if (!next(']')) {
            do {
                elements.add(value(depth + 1));
            } while (next(','));
            skip();
            expect(']');
        }
        return elements;
    }

    private String string() {
        expect('"');
        StringBuilder result = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c < ' ') {
                throw error("no control character");
            }
            result.append(c == '\\' ? escaped() : c);
        }
        expect('"');
        return result.toString();
    }

    private char escaped() {
        char c = at < text.length() ? text.charAt(at++) : 0;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                String digits = text.substring(at, Math.min(at + 4, text.length()));
                if (!digits.matches("[0-9A-Fa-f]{4}")) { // parseInt alone would take a sign
                    throw error("four hexadecimal digits");
                }
                at += 4;
                yield (char) Integer.parseInt(digits, 16);
            }
            default -> throw error("an escape");
        };
    }

    private @Nullable Object word(String word, @Nullable Object value) {
        if (!text.startsWith(word, at)) {
            throw error(word);
        }
        at += word.length();
        return value;
    }

    private Object number() {
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(start, at);
        if (digits.matches("-?(0|[1-9][0-9]{0,17})")) {
            return Long.valueOf(digits);
        }
        if (!digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            at = start;
            throw error("a value");
        }
        return Double.valueOf(digits);
    }

    private boolean next(char c) {
        skip();
        boolean found = at < text.length() && text.charAt(at) == c;
        at += found ? 1 : 0;
        return found;
    }

    private void expect(char c) {
        if (at >= text.length() || text.charAt(at) != c) {
            throw error("'" + c + "'");
        }
        at++;
    }

    private void skip() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException error(String expected) {
        return new IllegalArgumentException("character " + at + " of the JSON: " + expected + " expected");
    }

    /**
     * A text as JSON.
     *
     * @param text any text
     * @return in quotes, with escapes where they are needed
     */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
