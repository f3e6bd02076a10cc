package org.nautile.backend.abi;

import java.io.IOException;
import java.net.URL;
import org.bytedeco.javacpp.Loader;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;
import org.nautile.jni.Ntl;

/**
 * Makes the device {@code cudnn-emulated} known, in tests alone: the kernels of {@code cudnn} on the emulator's device, with the
 * emulator's stand-ins for cuBLAS and cuDNN.
 */
public final class CudnnEmulatedProvider implements BackendProvider {
    /** The name of the device. */
    public static final String NAME = "cudnn-emulated";

    /** For {@link java.util.ServiceLoader}. */
    public CudnnEmulatedProvider() {}

    @Override
    public String device() {
        return NAME;
    }

    @Override
    public String summary() {
        return "cudnn with stand-ins for the libraries";
    }

    @Override
    public int rank() {
        return -1;
    }

    @Override
    public boolean hidden() {
        return true;
    }

    /** The engine has one cuBLAS and one cuDNN: where the real ones can be used, tests run on them. */
    @Override
    public Backend open(int index) {
        if (usable("cudnn")) {
            throw new DeviceException("device cudnn-emulated: cudnn itself can be used here");
        }
        Device.of("cuda-emulated"); // loads the library
        URL library = Ntl.class.getResource(Loader.getPlatform() + "/libnautile_cuda_emulated.so");
        if (library == null) {
            throw new AssertionError("the library of cuda-emulated is gone");
        }
        try {
            Loader.loadGlobal(LibraryFile.of(library).toString()); // once more, for its functions to be found
        } catch (IOException e) {
            throw new DeviceException("device cudnn-emulated: " + e.getMessage(), e);
        }
        NativeBackend.give("cublas");
        NativeBackend.give("cudnn");
        return NativeBackend.open(index == 0 ? NAME : NAME + ':' + index, CudnnProvider.BORROWED);
    }

    private static boolean usable(String device) {
        try {
            Device.of(device);
            return true;
        } catch (DeviceException e) {
            return false;
        }
    }
}
