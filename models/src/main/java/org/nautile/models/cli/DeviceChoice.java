package org.nautile.models.cli;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Device;
import org.nautile.DeviceException;
import picocli.CommandLine;

/**
 * The device that {@code --device} names.
 *
 * @param device the device
 * @param passedOver why none of the better ones was chosen; empty if there was no choice
 */
public record DeviceChoice(Device device, String passedOver) {
    private static final String AUTO = "auto";

    /** Without the emulator, which is for tests and far too slow. */
    private static final List<String> COMPARED = List.of("reference", "cpu", "openblas", "cuda", "cudnn");

    /**
     * Refuses a name that no build knows, as wrong usage.
     *
     * @param name what was given: {@code auto}, or a device
     * @param command the command it was given to
     */
    public static void check(String name, CommandLine command) {
        List<String> names = new ArrayList<>(Device.names());
        names.add(AUTO);
        Nearest.require(command, "device", List.of(Device.kind(name)), names); // cuda:1 is of the kind cuda
    }

    /**
     * Opens the device.
     *
     * @param name {@code auto}, or a device
     * @return the device
     * @throws DeviceException if it, or with {@code auto} every one, cannot be used: the reasons
     */
    public static DeviceChoice open(String name) {
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

    /**
     * Opens devices to be compared.
     *
     * @param names what was given; none for all of reference, cpu, openblas, cuda and cudnn that can be used here
     * @return each once, in this order
     * @throws DeviceException if one that was named cannot be used: the reason
     */
    public static List<Device> several(List<String> names) {
        if (!names.isEmpty()) {
            return names.stream().map(name -> open(name).device()).distinct().toList();
        }
        return COMPARED.stream()
                .filter(Device.names()::contains)
                .map(DeviceState::of)
                .filter(DeviceState::usable)
                .map(state -> Device.of(state.name()))
                .toList();
    }
}
