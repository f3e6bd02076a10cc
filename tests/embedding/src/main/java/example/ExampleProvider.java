package example;

import org.nautile.DeviceException;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;

/** A device of the program's own, so that there are two jars whose lists of devices must both be found. */
public final class ExampleProvider implements BackendProvider {
    @Override
    public String device() {
        return "example";
    }

    @Override
    public String summary() {
        return "there to be listed";
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public Backend open(int index) {
        throw new DeviceException("device example: it is there to be listed; use another");
    }
}
