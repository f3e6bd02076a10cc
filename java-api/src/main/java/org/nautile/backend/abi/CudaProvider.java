package org.nautile.backend.abi;

/** Makes the device {@code cuda} known: NVIDIA GPUs by number, {@code cuda:0}, {@code cuda:1}, ... */
public final class CudaProvider extends PluginProvider {
    static final String LACKING =
            "this build has no CUDA kernels; install NVIDIA's CUDA toolkit 13 and build again, or add"
                    + " nautile-native's jar with the classifier linux-x86_64-cuda";

    /** For {@link java.util.ServiceLoader}. */
    public CudaProvider() {
        super("cuda", LACKING);
    }

    @Override
    public String summary() {
        return "hand-written CUDA kernels";
    }

    @Override
    public int rank() {
        return 5;
    }
}
