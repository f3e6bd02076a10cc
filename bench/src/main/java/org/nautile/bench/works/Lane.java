package org.nautile.bench.works;

/** Where works are measured: a device in this process or in another, or another library. Not for several threads. */
interface Lane extends AutoCloseable {
    /** Who measures: {@code nautile-DEVICE}, or another library. */
    String peer();

    /**
     * Measures a work whose kind Nautile knows. What goes wrong is in the result.
     *
     * @throws org.nautile.models.cli.CommandException if the lane itself failed
     */
    Measurement measure(Work work, int threads, Timing timing);

    @Override
    void close();
}
