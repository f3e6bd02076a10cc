package org.nautile;

import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The devices that tests run on. */
public final class Devices {
    private Devices() {}

    public static Device reference() {
        return Device.of("reference");
    }

    /** The device cpu; without it, the test is skipped and says so. */
    public static Device cpu() {
        try {
            return Device.of("cpu");
        } catch (DeviceException e) {
            Assumptions.abort("SKIPPED: " + e.getMessage());
            throw e;
        }
    }

    /** All that can be used here, for parameterized tests. */
    public static Stream<Device> usable() {
        return Device.names().stream().flatMap(name -> {
            try {
                return Stream.of(Device.of(name));
            } catch (DeviceException e) {
                return Stream.empty(); // tests that need it say so, by cpu()
            }
        });
    }
}
