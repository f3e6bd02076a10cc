package org.nautile.backend;

import org.nautile.Tensor;

/** What a device can do at best, for the roofs under which ops stand. The caller takes the time. */
public interface Peaks {
    /** What a pass over arrays does with each element, with ordinary stores. */
    enum Stream {
        /** {@code sum += a}. */
        READ(1),
        /** {@code a = 3}. */
        WRITE(1),
        /** {@code a = b}. */
        COPY(2),
        /** {@code a = b + 3 c}. */
        TRIAD(3);

        private final int arrays;

        Stream(int arrays) {
            this.arrays = arrays;
        }

        /**
         * How many arrays take part.
         *
         * @return 1 to 3, a first
         */
        public int arrays() {
            return arrays;
        }
    }

    /**
     * Multiplies and adds in the registers of every thread.
     *
     * @param rounds how often, {@code >= 0}; one takes a few nanoseconds
     * @return the floating-point operations of all threads together, a multiply-add being two
     * @throws org.nautile.DeviceException if the device has no such loop
     */
    long multiplyAdd(long rounds);

    /**
     * Passes over float32 arrays, each thread over its own part.
     *
     * @param stream what is done
     * @param array {@code [stream.arrays() * (size + gap)]}; the arrays lie in it one after the other, a first
     * @param size the elements of each array, a multiple of 128 times the number of threads
     * @param gap elements between two arrays, {@code >= 0}; arrays that start at the same place of a page disturb each other
     * @param rounds passes, {@code >= 0}
     * @return the bytes that all threads together asked to be read or written
     * @throws org.nautile.ShapeException if the array is too small
     * @throws org.nautile.DeviceException if the device has no such loop
     */
    long stream(Stream stream, Tensor array, long size, long gap, long rounds);
}
