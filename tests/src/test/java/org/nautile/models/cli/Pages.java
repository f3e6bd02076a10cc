package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nautile.models.charts.Picture;

/** What the page of a command must have. */
final class Pages {
    private Pages() {}

    /** The last line names the page, which says what was typed, and holds the table's headings and the picture. */
    static void check(Outcome outcome, Path folder, String command, String picture, String... headings)
            throws IOException {
        Path page = folder.resolve("index.html");
        assertEquals("page: " + page, outcome.last());
        String html = Files.readString(page);
        assertTrue(html.contains("<code>nautile " + command + " "), command);
        for (String heading : headings) {
            assertTrue(html.contains(">" + heading + "</th>"), heading);
        }
        LeftFiles.pictures(folder, picture);
        assertEquals(
                Picture.obstacle().isEmpty(),
                html.contains("src=\"data:image/png;base64,"),
                "picture on the page of " + command);
    }
}
