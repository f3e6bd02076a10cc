package org.nautile.backend.abi;

import java.util.Set;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.Loader;
import org.nautile.DeviceException;
import org.nautile.backend.Backend;

/** Makes the device {@code cudnn} known: {@code cuda}, with what NVIDIA's cuBLAS and cuDNN have calls for. */
public final class CudnnProvider extends PluginProvider {
    /** The files of kernels/cudnn. */
    static final Set<String> BORROWED = Set.of("avg_pool2d", "conv2d", "linear", "log_softmax", "matmul", "softmax");

    private static final String PREFIX = "device cudnn: ";

    /** For {@link java.util.ServiceLoader}. */
    public CudnnProvider() {
        super("cudnn", CudaProvider.LACKING);
    }

    @Override
    public String summary() {
        return "cuda with calls of cuBLAS and cuDNN, to compare with";
    }

    @Override
    public int rank() {
        return -1;
    }

    /**
     * The plugin is that of {@code cuda}. Then each library, apart: one may be there without the other. Without a driver none of
     * them can be loaded, so its absence is told first.
     */
    @Override
    public Backend open(int index) {
        NativeLibrary.load(device());
        loadPlugin("cuda", device(), CudaProvider.LACKING);
        probe("cuBLAS 13", Libraries::cublas);
        probe("cuDNN 9", Libraries::cudnn);
        requireDevice("cuda", device());
        return NativeBackend.open(index == 0 ? device() : device() + ':' + index, BORROWED);
    }

    private static void probe(String library, Runnable load) {
        String obstacle = Presets.obstacle(library, load);
        if (obstacle == null) {
            return;
        }
        if (obstacle.contains("libcuda.so")) {
            requireDevice("cuda", "cudnn");
        }
        throw new DeviceException(
                PREFIX + library + " cannot be loaded (" + obstacle + "); install it, and name its folder in"
                        + " LD_LIBRARY_PATH (of CUDA's installation, or nvidia/*/lib of a Python with PyTorch)");
    }

    /** What needs the presets' classes, which are optional. */
    private static final class Libraries {
        private Libraries() {}

        static void cublas() {
            Loader.load(cublas.class);
            NativeBackend.give("cublas");
        }

        static void cudnn() {
            Loader.load(cudnn.class);
            NativeBackend.give("cudnn");
        }
    }
}
