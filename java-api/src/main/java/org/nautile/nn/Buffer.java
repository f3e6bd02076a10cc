package org.nautile.nn;

import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Tensor;

/** A tensor that a layer's forward pass changes in place, without gradient. A {@link Module} may move it to another device. */
public final class Buffer {
    private Tensor value;

    Buffer(Tensor value) {
        this.value = value;
    }

    /**
     * The value, for use in ops. Not to be kept: moving the module replaces it.
     *
     * @return the tensor
     */
    public Tensor value() {
        return value;
    }

    void moveTo(Device device) {
        if (value.device() != device) {
            Tensor old = value;
            value = Scope.disown(old.to(device));
            old.close();
        }
    }

    void close() {
        value.close();
    }
}
