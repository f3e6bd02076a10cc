package org.nautile.backend.abi;

import org.nautile.DeviceException;
import org.nautile.Threads;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;
import org.nautile.jni.Ntl;

/** Makes the device {@code cpu} known. */
public final class CpuProvider implements BackendProvider {
    /** For {@link java.util.ServiceLoader}. */
    public CpuProvider() {}

    @Override
    public String device() {
        return "cpu";
    }

    @Override
    public String summary() {
        return "hand-written C++ kernels";
    }

    @Override
    public int rank() {
        return 10;
    }

    @Override
    public Backend open() {
        long context;
        try {
            context = Ntl.ntl_context_open("cpu");
        } catch (LinkageError e) {
            throw new DeviceException(
                    "device cpu: the native library cannot be loaded (" + e.getMessage()
                            + "); install a C++ compiler (Debian: g++) and build again, or use --device reference",
                    e);
        }
        if (context == 0) {
            throw new DeviceException("device cpu: " + NativeBackend.lastError());
        }
        Ntl.ntl_memory_limit(context, memoryLimit());
        Ntl.ntl_set_threads(Threads.count());
        Threads.onChange(count -> NativeBackend.check(Ntl.ntl_set_threads(count)));
        return new NativeBackend(context);
    }

    /** The property nautile.memory.limit in bytes, with an optional suffix k, m or g (powers of 1024); 0 means none. */
    private static long memoryLimit() {
        String text = System.getProperty("nautile.memory.limit", "0").trim();
        int shift = text.isEmpty() ? -1 : "kmg".indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
        try {
            long number = Long.parseLong(shift < 0 ? text : text.substring(0, text.length() - 1));
            return Math.multiplyExact(number, 1L << (10 * (shift + 1)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new DeviceException(
                    "nautile.memory.limit=" + text + " is not a number of bytes such as 512m or 4g", e);
        }
    }
}
