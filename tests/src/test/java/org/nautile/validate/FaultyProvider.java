package org.nautile.validate;

import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;

/** Makes the device {@code faulty} known, in tests alone: nobody gets it without asking. */
public final class FaultyProvider implements BackendProvider {
    /** The name of the device. */
    static final String NAME = "faulty";

    /** For {@link java.util.ServiceLoader}. */
    public FaultyProvider() {}

    @Override
    public String device() {
        return NAME;
    }

    @Override
    public String summary() {
        return "reference with one wrong element in every result";
    }

    @Override
    public int rank() {
        return -1;
    }

    @Override
    public boolean hidden() {
        return true;
    }

    @Override
    public Backend open(int index) {
        return new FaultyBackend();
    }
}
