package org.nautile.models.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.DeviceException;

/**
 * Whether a device can be used here.
 *
 * @param name the device's name
 * @param usable whether it was opened
 * @param summary what it is
 * @param description what runs; null if it cannot be used
 * @param reason why it cannot be used; null if it can
 * @param failure the same with its causes; null if it can be used
 */
record DeviceState(
        String name,
        boolean usable,
        String summary,
        @Nullable String description,
        @Nullable String reason,
        @JsonIgnore @Nullable Throwable failure) {

    /** Tries a device. */
    static DeviceState of(String name) {
        String summary = Device.summary(name);
        try {
            return new DeviceState(
                    name, true, summary, Device.of(name).backend().description(), null, null);
        } catch (DeviceException e) {
            return new DeviceState(name, false, summary, null, Failures.line(e), e);
        }
    }

    /** What runs, or why it does not. */
    String detail() {
        String text = usable ? description : reason;
        return text == null ? "" : text;
    }

    /** Tries all devices, best first. */
    static List<DeviceState> all() {
        return Device.names().stream().map(DeviceState::of).toList();
    }
}
