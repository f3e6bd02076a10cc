package org.nautile.models.tensorboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read by code of their own. */
class EventFileTest {
    @TempDir
    private Path folder = Path.of("");

    /** The check value of CRC-32C, and a masked one of TensorFlow's test (crc32c_test.cc): masking is not its own inverse. */
    @Test
    void theReaderKnowsTheChecksum() {
        assertEquals(0xE3069283, EventReader.crc("123456789".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(0x8A9136AA, EventReader.crc(new byte[32]));
        int crc = 0x8A9136AA;
        assertEquals(Integer.rotateRight(crc, 15) + 0xa282ead8, EventReader.masked(new byte[32]));
    }

    @Test
    void aFileBeginsWithVersionAndStart() throws IOException {
        Path file;
        try (EventFile events = new EventFile(folder, 7)) {
            file = events.file();
        }
        assertTrue(String.valueOf(file.getFileName()).startsWith("events.out.tfevents."), file::toString);
        List<EventReader.Event> events = EventReader.read(file);
        assertEquals(2, events.size());
        assertEquals("brain.Event:2", events.get(0).version());
        assertEquals(0, events.get(0).step());
        assertEquals(1, events.get(1).status()); // START: what others say of step 7 and later is void
        assertEquals(7, events.get(1).step());
        double now = System.currentTimeMillis() / 1e3;
        assertTrue(events.stream().allMatch(event -> event.time() > now - 60 && event.time() <= now), events::toString);
    }

    @Test
    void scalarsTextsAndPicturesHaveTheirFields() throws IOException {
        byte[] png = {1, 2, 3, -1, 0};
        Path file;
        try (EventFile events = new EventFile(folder, 0)) {
            file = events.file();
            events.scalar("step/loss", 3, 0.25);
            events.scalar("ü", 5_000_000_000L, Double.NaN);
            events.text("settings", 4, "| a | β |");
            events.image("pictures/p", 5, png, 300, 200);
            events.flush();
        }
        List<EventReader.Event> events = EventReader.read(file).subList(2, 6);

        assertEquals("step/loss", events.get(0).tag());
        assertEquals(3, events.get(0).step());
        assertEquals(0.25F, events.get(0).scalar());
        assertEquals(2, events.get(0).value().size());

        assertEquals("ü", events.get(1).tag());
        assertEquals(5_000_000_000L, events.get(1).step());
        assertTrue(Float.isNaN(events.get(1).scalar()));

        assertEquals("settings", events.get(2).tag());
        Map<Integer, List<Object>> text = events.get(2).value();
        byte[] plugin = (byte[]) EventReader.only(EventReader.fields((byte[]) EventReader.only(text, 9)), 1);
        assertEquals("text", EventReader.text(EventReader.only(EventReader.fields(plugin), 1)));
        Map<Integer, List<Object>> tensor = EventReader.fields((byte[]) EventReader.only(text, 8));
        assertEquals(7L, EventReader.only(tensor, 1)); // DT_STRING
        byte[] dim = (byte[]) EventReader.only(EventReader.fields((byte[]) EventReader.only(tensor, 2)), 2);
        assertEquals(1L, EventReader.only(EventReader.fields(dim), 1));
        assertEquals("| a | β |", EventReader.text(EventReader.only(tensor, 8)));

        Map<Integer, List<Object>> image =
                EventReader.fields((byte[]) EventReader.only(events.get(3).value(), 4));
        assertEquals(200L, EventReader.only(image, 1));
        assertEquals(300L, EventReader.only(image, 2));
        assertEquals(3L, EventReader.only(image, 3));
        assertArrayEquals(png, (byte[]) EventReader.only(image, 4));
    }

    /** Any bit that changes is noticed, or the tests above would say little. */
    @Test
    void theReaderNoticesEveryChangedByte() throws IOException {
        Path file;
        try (EventFile events = new EventFile(folder, 0)) {
            file = events.file();
            events.scalar("a", 1, 2);
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 4;
            Files.write(file, changed);
            assertThrows(AssertionError.class, () -> EventReader.read(file), "byte " + i);
        }
    }
}
