package org.nautile;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.junit.jupiter.api.function.Executable;

/** Checks of what errors say. */
public final class Errors {
    private Errors() {}

    /** Checks that something throws, and that the message holds all parts; gives the message. */
    public static String says(Class<? extends Throwable> type, Executable use, String... parts) {
        String message = Objects.requireNonNull(assertThrows(type, use).getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "'" + part + "' in: " + message);
        }
        return message;
    }
}
