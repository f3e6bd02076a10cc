package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.nautile.models.charts.Picture;

/** What the page of a command must have. */
final class Pages {
    private Pages() {}

    /** The last line names the page, which says what was typed, and holds the table's headings and the picture. */
    static void check(Outcome outcome, Path folder, String command, String picture, String... headings)
            throws IOException {
        assertEquals(0, outcome.code(), outcome::toString);
        Path page = folder.resolve("index.html");
        List<String> lines = outcome.outLines();
        assertEquals("page: " + page, lines.get(lines.size() - 1));
        String html = Files.readString(page);
        assertTrue(html.contains("<code>nautile " + command + " "), command);
        for (String heading : headings) {
            assertTrue(html.contains(">" + heading + "</th>"), heading);
        }
        boolean drawn = Picture.obstacle().isEmpty();
        assertEquals(drawn, Files.exists(folder.resolve(picture)));
        assertEquals(drawn, html.contains("src=\"data:image/png;base64,"), "picture on the page of " + command);
    }
}
