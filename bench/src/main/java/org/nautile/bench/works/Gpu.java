package org.nautile.bench.works;

import java.util.Locale;

/**
 * GPUs that need not be here, by what their maker publishes. The rates are peaks of float32 without tensor cores, for
 * float32 is what products are computed in unless the user allows less.
 */
enum Gpu {
    /** NVIDIA H200 (SXM): "NVIDIA H200 Tensor Core GPU" datasheet, 67 TFLOPS FP32, 4.8 TB/s, 141 GB. */
    H200("NVIDIA H200", 67e12, 4.8e12),
    /** NVIDIA A100 80GB (SXM): "NVIDIA A100 Tensor Core GPU" datasheet, 19.5 TFLOPS FP32, 2039 GB/s. */
    A100("NVIDIA A100 80GB", 19.5e12, 2.039e12),
    /** GeForce RTX 4090: "NVIDIA Ada GPU Architecture" whitepaper, appendix A, 82.6 TFLOPS FP32, 1008 GB/s. */
    RTX4090("GeForce RTX 4090", 82.6e12, 1.008e12),
    /** NVIDIA T4: "NVIDIA T4" datasheet, 8.1 TFLOPS FP32, 320 GB/s. */
    T4("NVIDIA T4", 8.1e12, 0.32e12);

    /** Of the peak rates, what kernels of whole layers are taken to reach: an assumption, not a measurement. */
    static final double SHARE = 0.6;

    /** Between two kernels of a recorded graph, seconds: an assumption as well. */
    static final double LAUNCH = 2.5e-6;

    private final String title;
    private final double flops;
    private final double bandwidth;

    Gpu(String title, double flops, double bandwidth) {
        this.title = title;
        this.flops = flops;
        this.bandwidth = bandwidth;
    }

    String title() {
        return title;
    }

    /** The time of a kernel: it is launched, and then bound by arithmetic or by memory. */
    Seconds seconds(double operations, double bytes) {
        return Seconds.of(LAUNCH, operations / flops / SHARE, bytes / bandwidth / SHARE);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
