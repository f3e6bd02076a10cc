package org.nautile.backend.reference;

import org.nautile.DeviceException;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;

/** Makes the device {@code reference} known. */
public final class ReferenceProvider implements BackendProvider {
    /** For {@link java.util.ServiceLoader}. */
    public ReferenceProvider() {}

    @Override
    public String device() {
        return "reference";
    }

    @Override
    public String summary() {
        return "plain Java, defines what is right";
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public Backend open(int index) {
        if (index != 0) {
            throw new DeviceException("device reference: there is one, not reference:" + index);
        }
        return new ReferenceBackend();
    }
}
