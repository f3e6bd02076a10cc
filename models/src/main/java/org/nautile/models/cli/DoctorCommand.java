package org.nautile.models.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Examines the machine and says what is wrong and what to do about it. */
@Command(
        name = "doctor",
        header = "Examine this machine: system, CPU, Java, native libraries, GPU, data, folders.",
        description = "Ends with one suggestion per problem. Exit code 0 if the engine can run on some device.")
public final class DoctorCommand implements Subcommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public DoctorCommand() {}

    @Override
    public Integer call() {
        json.check();
        List<DeviceState> devices = DeviceState.all();
        Checkup checkup = Doctor.examine(devices);
        checkup.print(
                spec.commandLine().getOut(), spec.commandLine().getColorScheme().ansi());
        boolean usable = devices.stream().anyMatch(DeviceState::usable);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("usable", usable);
        result.put("version", Main.projectVersion());
        result.put("devices", devices);
        result.put("sections", checkup.sections());
        result.put("problems", checkup.problems());
        json.write(result);
        return usable ? 0 : Main.FAILED;
    }
}
