package org.nautile.bench.works;

/** Where works are measured: a device in this process or in another. Not for several threads. */
interface Lane extends AutoCloseable {
    /** The device's name. */
    String device();

    /**
     * Measures a work whose kind Nautile knows. What goes wrong is in the result.
     *
     * @throws org.nautile.models.cli.CommandException if the lane itself failed
     */
    Measurement measure(Work work, int threads);

    @Override
    void close();
}
