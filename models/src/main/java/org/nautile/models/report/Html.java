package org.nautile.models.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Text, numbers and JSON as parts of a page, and the parts that are the same on every page. */
final class Html {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final MathContext DIGITS = new MathContext(6);
    private static final double SMALL = 1e-4;
    private static final double LARGE = 1e6;

    private Html() {}

    /** Text in which nothing is markup, in an element or an attribute. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(allowed(c) ? c : '\uFFFD');
            }
        });
        return escaped.toString();
    }

    /** Half of a surrogate pair and control characters are not allowed in HTML. */
    private static boolean allowed(int c) {
        return c == '\n'
                || c == '\t'
                || c == '\r'
                || !(Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    }

    /** A value as JSON that a script element may hold: no text in it ends the element. */
    static String json(Object value) {
        try {
            return MAPPER.writeValueAsString(value)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026")
                    .replace("\u2028", "\\u2028")
                    .replace("\u2029", "\\u2029");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for " + value.getClass(), e);
        }
    }

    /** A number with at most six digits that count. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        double size = Math.abs(value);
        if (size < SMALL || size >= LARGE) {
            return String.format(Locale.ROOT, "%.5e", value).replaceFirst("\\.?0+e", "e");
        }
        return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
    }

    /** A file that is part of every page. */
    static String resource(String name) {
        try (InputStream in = Html.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks " + Html.class.getPackageName() + "/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What stands in the head of a page. The policy lets a browser load nothing that is not in the page itself.
     *
     * @param connect what scripts may speak to: {@code 'none'} or {@code 'self'}
     */
    static String head(String title, String connect) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
                script-src 'unsafe-inline'; img-src data:; connect-src %s; base-uri 'none'; form-action 'none'">
                <link rel="icon" href="data:,">
                <title>%s</title>
                <style>
                %s
                %s</style>
                </head>
                """.formatted(connect, escape(title), resource("uPlot.min.css"), resource("report.css"));
    }

    /** The scripts that draw charts, with the licence of what is not ours. */
    static String scripts() {
        return "<script>\n/*\n" + resource("uPlot.LICENSE") + "*/\n" + resource("uPlot.iife.min.js")
                + "</script>\n<script>\n" + resource("charts.js") + "</script>\n";
    }
}
