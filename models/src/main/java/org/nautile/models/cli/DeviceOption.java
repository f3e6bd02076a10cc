package org.nautile.models.cli;

import org.nautile.Device;
import org.nautile.DeviceException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option {@code --device}, for picocli's {@code @Mixin}. */
public final class DeviceOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--device",
            paramLabel = "D",
            description =
                    "Where to compute: auto, or a name that nautile devices lists. Default: auto, the best usable.")
    private String name = "auto";

    /** For picocli. */
    public DeviceOption() {}

    /**
     * What was given.
     *
     * @return {@code auto}, or a device
     */
    public String name() {
        return name;
    }

    /** Refuses a name that no build knows, as wrong usage. */
    public void check() {
        DeviceChoice.check(name, command.commandLine());
    }

    /**
     * Opens the device.
     *
     * @return the device
     * @throws DeviceException if it, or with {@code auto} every one, cannot be used: the reasons
     */
    public Device open() {
        return DeviceChoice.open(name).device();
    }

    /**
     * Opens the device and makes it the default one.
     *
     * @throws DeviceException as {@link #open}
     */
    public void use() {
        Device.setDefault(open());
    }
}
