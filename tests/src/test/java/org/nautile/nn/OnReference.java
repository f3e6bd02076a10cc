package org.nautile.nn;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Scope;

/** Tests whose default device is reference, and whose tensors are closed after each. */
abstract class OnReference {
    private final Device before = Device.defaultDevice();
    private final Scope scope = new Scope();

    @BeforeEach
    final void begin() {
        Device.setDefault(Devices.reference());
    }

    @AfterEach
    final void end() {
        Device.setDefault(before);
        scope.close();
    }
}
