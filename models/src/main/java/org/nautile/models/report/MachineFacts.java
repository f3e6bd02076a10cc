package org.nautile.models.report;

import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Threads;
import org.nautile.backend.abi.NativeBackend;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.Main;

/** Where and with what a report was made: without it no number in it means much. */
final class MachineFacts {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xxx", Locale.ROOT);

    private MachineFacts() {}

    /** Names and values in the order in which they are read. */
    static Map<String, String> here() {
        Machine machine = new Machine(Path.of("/"));
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Time", ZonedDateTime.now(ZoneId.systemDefault()).format(TIME));
        facts.put("Nautile", Main.projectVersion() + ", native library " + nativeLibrary());
        facts.put("Processor", machine.cpuModel() + ", " + machine.processors() + " processors in the system");
        facts.put("Threads", Threads.count() + " that compute");
        facts.put("Default device", defaultDevice());
        List<String> gpus = machine.gpus();
        if (!gpus.isEmpty()) {
            facts.put("GPU", String.join("; ", gpus));
        }
        facts.put(
                "System",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
        facts.put("Java", System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")");
        return facts;
    }

    private static String defaultDevice() {
        try {
            Device device = Device.defaultDevice();
            return device.name() + " (" + device.backend().description() + ")";
        } catch (DeviceException e) {
            return "not usable";
        }
    }

    private static String nativeLibrary() {
        try {
            return Device.of("cpu").backend() instanceof NativeBackend cpu
                    ? NativeBackend.version() + " running " + cpu.target()
                    : "absent";
        } catch (DeviceException e) {
            return "not usable";
        }
    }
}
