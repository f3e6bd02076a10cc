package org.nautile.backend.abi;

import org.nautile.DeviceException;
import org.nautile.Threads;
import org.nautile.jni.Ntl;

/** The native library: loaded once, with the process's number of threads. */
final class NativeLibrary {
    private static boolean loaded;

    private NativeLibrary() {}

    /**
     * Loads the library.
     *
     * @param device who needs it, for the message
     * @throws DeviceException if it cannot be loaded: the reason and the remedy
     */
    static synchronized void load(String device) {
        if (loaded) {
            return;
        }
        try {
            Ntl.ntl_set_threads(Threads.count());
        } catch (LinkageError e) {
            throw new DeviceException(
                    "device " + device + ": the native library cannot be loaded (" + e.getMessage()
                            + "); install a C++ compiler (Debian: g++) and build again, or use --device reference",
                    e);
        }
        Threads.onChange(count -> NativeBackend.check(Ntl.ntl_set_threads(count)));
        loaded = true;
    }
}
