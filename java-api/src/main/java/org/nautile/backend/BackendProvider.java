package org.nautile.backend;

import org.nautile.DeviceException;

/** How a device makes itself known; found by {@link java.util.ServiceLoader}. */
public interface BackendProvider {
    /**
     * The device's name.
     *
     * @return for example {@code "cpu"}
     */
    String device();

    /**
     * What the device is, in a few words, whether or not it can be used here.
     *
     * @return for example {@code "hand-written C++ kernels"}
     */
    String summary();

    /**
     * Where the device stands among those that {@code auto} tries: the highest that can be used is taken.
     *
     * @return the rank; below 0: never chosen without being asked for
     */
    int rank();

    /**
     * Whether the device is left out of lists of all devices: one that exists for tests.
     *
     * @return false, unless overridden
     */
    default boolean hidden() {
        return false;
    }

    /**
     * Opens a device of the kind.
     *
     * @param index which, from 0
     * @return the device, ready
     * @throws DeviceException if it cannot be used here: the reason and the remedy
     */
    Backend open(int index);
}
