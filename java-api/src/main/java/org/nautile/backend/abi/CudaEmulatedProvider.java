package org.nautile.backend.abi;

/** Makes the device {@code cuda-emulated} known: the CUDA kernels on the processor, to test them where there is no GPU. */
public final class CudaEmulatedProvider extends PluginProvider {
    /** For {@link java.util.ServiceLoader}. */
    public CudaEmulatedProvider() {
        super(
                "cuda-emulated",
                "this build has no emulator; build again with a C++ compiler, or add nautile-native's jar with the"
                        + " classifier linux-x86_64-cuda-emulated");
    }

    @Override
    public String summary() {
        return "the CUDA kernels on the processor, for tests";
    }

    @Override
    public int rank() {
        return -1;
    }
}
