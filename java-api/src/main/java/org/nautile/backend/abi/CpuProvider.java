package org.nautile.backend.abi;

import java.util.Set;
import org.nautile.DeviceException;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;

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
    public Backend open(int index) {
        if (index != 0) {
            throw new DeviceException(
                    "device cpu: there is one, not cpu:" + index + "; --threads sets how much of it is used");
        }
        NativeLibrary.load("cpu");
        return NativeBackend.open("cpu", Set.of());
    }
}
