package org.nautile.models.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the devices and whether each can be used on this machine. */
@Command(
        name = "devices",
        header = "List the devices and whether each can be used here.",
        description = "The first usable one is what --device auto takes.")
public final class DevicesCommand implements Subcommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public DevicesCommand() {}

    @Override
    public Integer call() {
        json.check();
        List<DeviceState> devices = DeviceState.all();
        Table table = new Table("device", "usable", "what it is", "what runs, or why not");
        for (DeviceState device : devices) {
            table.add(device.name(), device.usable() ? "yes" : "no", device.summary(), device.detail());
        }
        PrintWriter out = spec.commandLine().getOut();
        table.print(out);
        json.write(Map.of("devices", devices));
        return 0;
    }
}
