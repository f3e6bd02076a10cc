package org.nautile.backend.abi;

import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nautile.DeviceException;
import org.nautile.Threads;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;

/** Makes the device {@code openblas} known: {@code cpu}, with matrix products and convolutions by OpenBLAS. */
public final class OpenblasProvider implements BackendProvider {
    /** The files of kernels/openblas. */
    private static final Set<String> BORROWED = Set.of("conv2d", "linear", "matmul");

    private static final String DEVICE = "openblas";

    /** For {@link java.util.ServiceLoader}. */
    public OpenblasProvider() {}

    @Override
    public String device() {
        return DEVICE;
    }

    @Override
    public String summary() {
        return "cpu with matrix products and convolutions by OpenBLAS, to compare with";
    }

    @Override
    public int rank() {
        return -1;
    }

    @Override
    public Backend open(int index) {
        if (index != 0) {
            throw new DeviceException("device openblas: there is one, not openblas:" + index);
        }
        NativeLibrary.load(DEVICE);
        String obstacle = Presets.obstacle("OpenBLAS", OpenBlas::load);
        if (obstacle != null) {
            throw new DeviceException("device openblas: OpenBLAS cannot be loaded (" + obstacle
                    + "); put org.bytedeco:openblas and its jar for " + Loader.getPlatform() + " on the class path");
        }
        return NativeBackend.open(DEVICE, BORROWED);
    }

    /** What needs the preset's classes, which are optional. */
    private static final class OpenBlas {
        private OpenBlas() {}

        static void load() {
            Loader.load(openblas_nolapack.class);
            NativeBackend.give("cblas_");
            openblas_nolapack.blas_set_num_threads(Threads.count());
            Threads.onChange(openblas_nolapack::blas_set_num_threads);
        }
    }
}
