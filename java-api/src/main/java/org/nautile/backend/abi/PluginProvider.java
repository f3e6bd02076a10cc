package org.nautile.backend.abi;

import java.io.IOException;
import java.net.URL;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.nautile.DeviceException;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;
import org.nautile.jni.Ntl;

/** A device whose kernels are in a library of their own, loaded when the device is first asked for. */
abstract class PluginProvider implements BackendProvider {
    private final String device;
    private final String lacking;

    /**
     * A provider.
     *
     * @param device the device's name; its library is libnautile_name.so with underscores
     * @param lacking why a build may be without the library, and the remedy
     */
    PluginProvider(String device, String lacking) {
        this.device = device;
        this.lacking = lacking;
    }

    @Override
    public final String device() {
        return device;
    }

    @Override
    public Backend open(int index) {
        NativeLibrary.load(device);
        loadPlugin(device, device, lacking);
        requireDevice(device, device);
        return NativeBackend.open(index == 0 ? device : device + ':' + index, Set.of());
    }

    /**
     * Loads the library of a kind of device.
     *
     * @param kind the kind, which names the library
     * @param device who needs it, for messages
     * @param lacking why a build may be without it, and the remedy
     * @throws DeviceException if it cannot be loaded
     */
    static void loadPlugin(String kind, String device, String lacking) {
        String prefix = "device " + device + ": ";
        String name = "libnautile_" + kind.replace('-', '_') + ".so";
        URL library = Ntl.class.getResource(Loader.getPlatform() + '/' + name);
        if (library == null) {
            throw new DeviceException(prefix + lacking);
        }
        String obstacle;
        try {
            obstacle = LibraryFile.damage(name, library);
            if (obstacle == null
                    && Ntl.ntl_plugin_load(kind, LibraryFile.of(library).toString()) != Ntl.NTL_OK) {
                obstacle = LoadFailure.sentence(name, NativeBackend.lastError());
            }
        } catch (IOException e) {
            obstacle = LoadFailure.sentence(name, e);
        }
        if (obstacle != null) {
            throw new DeviceException(prefix + obstacle);
        }
    }

    /**
     * Checks that there is a device of a kind.
     *
     * @param kind the kind
     * @param device who needs it, for the message
     * @throws DeviceException if there is none that can be used: the reason and the remedy
     */
    static void requireDevice(String kind, String device) {
        if (Ntl.ntl_device_count(kind) < 0) {
            throw new DeviceException("device " + device + ": " + NativeBackend.lastError());
        }
    }
}
