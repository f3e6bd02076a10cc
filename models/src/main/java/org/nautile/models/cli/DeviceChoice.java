package org.nautile.models.cli;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Device;
import org.nautile.DeviceException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The device that {@code --device} names.
 *
 * @param device the device
 * @param passedOver why none of the better ones was chosen; empty if there was no choice
 */
record DeviceChoice(Device device, String passedOver) {
    private static final String AUTO = "auto";

    /** Refuses a name that no build knows, as wrong usage. */
    static void check(String name, CommandLine command) {
        List<String> names = new ArrayList<>(Device.names());
        names.add(AUTO);
        if (!names.contains(name)) {
            String hint = Nearest.hint(name, names);
            throw new ParameterException(
                    command,
                    "unknown device " + name + (hint.isEmpty() ? "; there are " + String.join(", ", names) : hint));
        }
    }

    /**
     * Opens the device.
     *
     * @throws DeviceException if it, or with {@code auto} every one, cannot be used: the reasons
     */
    static DeviceChoice open(String name) {
        if (!name.equals(AUTO)) {
            return new DeviceChoice(Device.of(name), "");
        }
        List<String> problems = new ArrayList<>();
        for (String candidate : Device.names()) {
            try {
                return new DeviceChoice(Device.of(candidate), String.join("; ", problems));
            } catch (DeviceException e) {
                problems.add(Failures.line(e));
            }
        }
        throw new DeviceException("no device can be used: " + String.join("; ", problems));
    }
}
