package org.nautile;

/** The type of a tensor's elements. Arithmetic is done in the floating types; the others hold indices and masks. */
public enum DType {
    /** 32-bit IEEE 754, the default everywhere. */
    FLOAT32(4, true),
    /** 64-bit IEEE 754, on the device {@code reference} alone. */
    FLOAT64(8, true),
    /** 32-bit signed integer. */
    INT32(4, false),
    /** 64-bit signed integer; class labels and indices, as in PyTorch. */
    INT64(8, false),
    /** 8-bit unsigned integer; pixels and masks. */
    UINT8(1, false);

    private final int bytes;
    private final boolean floating;

    DType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /**
     * The size of one element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Whether gradients exist for this type.
     *
     * @return true for float32 and float64
     */
    public boolean isFloating() {
        return floating;
    }

    /** PyTorch's name, for example {@code float32}. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
