package org.nautile.backend.abi;

import java.lang.ref.Reference;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.DeviceException;
import org.nautile.Plan;
import org.nautile.Storage;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.backend.Backend;
import org.nautile.backend.KernelType;
import org.nautile.backend.Ladder;
import org.nautile.backend.Peaks;
import org.nautile.backend.Recording;
import org.nautile.jni.Ntl;

/** A device behind the C ABI. */
public final class NativeBackend extends Backend {
    /** Host arrays are pinned for the time of a copy, which holds up the garbage collector: at most for 1 MiB at a time. */
    private static final int COPY_BYTES = 1 << 20;

    /** What each thread is recording. */
    private static final ThreadLocal<@Nullable NativeRecording> RECORDING = new ThreadLocal<>();

    private final long context;
    private final String description; // of a device that is not the processor
    private final Set<String> borrowed; // the ops whose kernels are another library's

    private NativeBackend(long context, Set<String> borrowed) {
        this.context = context;
        this.borrowed = borrowed;
        this.description = Ntl.ntl_context_description(context).getString();
    }

    /**
     * Opens a device.
     *
     * @param device its name in the C ABI
     * @param borrowed the ops whose kernels are another library's
     * @return the device, with the memory limit of this process
     * @throws DeviceException if it cannot be used: the reason
     */
    static NativeBackend open(String device, Set<String> borrowed) {
        long context = Ntl.ntl_context_open(device);
        if (context == 0) {
            throw new DeviceException("device " + device + ": " + lastError()
                    + (lastError().startsWith("NAUTILE_FORCE") ? "; unset it, or use the device reference" : ""));
        }
        Ntl.ntl_memory_limit(context, memoryLimit());
        check(Ntl.ntl_conv2d_algorithm(convAlgorithm()));
        return new NativeBackend(context, borrowed);
    }

    /**
     * Gives the engine the functions of a library that JavaCPP has loaded.
     *
     * @param prefix how the functions' names in C start
     * @throws UnsatisfiedLinkError if one that the engine calls is not there: its name
     */
    static void give(String prefix) {
        int number = 0;
        BytePointer name = Ntl.ntl_library_function_name(number);
        while (name != null) {
            String function = name.getString();
            if (function.startsWith(prefix)) {
                Pointer address = Loader.addressof(function);
                if (address == null || address.isNull()) {
                    throw new UnsatisfiedLinkError(function + " is not in the library");
                }
                check(Ntl.ntl_library_function(function, address.address()));
            }
            number++;
            name = Ntl.ntl_library_function_name(number);
        }
    }

    /** The property nautile.memory.limit in bytes, with an optional suffix k, m or g (powers of 1024); 0 means none. */
    private static long memoryLimit() {
        String text = System.getProperty("nautile.memory.limit", "0").trim();
        int shift = text.isEmpty() ? -1 : "kmg".indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
        try {
            long number = Long.parseLong(shift < 0 ? text : text.substring(0, text.length() - 1));
            return Math.multiplyExact(number, 1L << (10 * (shift + 1)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new DeviceException(
                    "nautile.memory.limit=" + text + " is not a number of bytes such as 512m or 4g", e);
        }
    }

    /** The property nautile.conv.algorithm as the C ABI numbers it. */
    private static int convAlgorithm() {
        List<String> names = List.of("auto", "direct", "winograd");
        String text = System.getProperty("nautile.conv.algorithm", names.get(0)).trim();
        if (!names.contains(text)) {
            throw new DeviceException("nautile.conv.algorithm=" + text + " is none of " + String.join(", ", names));
        }
        return names.indexOf(text);
    }

    /** The handle of the device, the first argument of every call. */
    long context() {
        return context;
    }

    /**
     * The version of the native library.
     *
     * @return for example {@code "0.1.0"}
     */
    public static String version() {
        return Ntl.ntl_version().getString();
    }

    /**
     * The kernels that run.
     *
     * @return for example {@code "cpu_avx512"}, {@code "cuda"}
     */
    public String target() {
        return Ntl.ntl_context_target(context).getString();
    }

    @Override
    public String description() {
        return description.isEmpty()
                ? target() + ", " + Threads.count() + (Threads.count() == 1 ? " thread" : " threads")
                : description;
    }

    @Override
    public boolean supports(DType dtype) {
        return dtype != DType.FLOAT64;
    }

    @Override
    public Storage allocate(DType dtype, long size) {
        long bytes = Math.multiplyExact(size, dtype.bytes());
        NativeRecording recording = recording();
        long owner = recording == null ? context : recording.context();
        long address = Ntl.ntl_allocate(owner, bytes);
        if (address == 0) {
            System.gc(); // tensors that nobody closed may be waiting for the collector
            address = Ntl.ntl_allocate(owner, bytes);
        }
        if (address == 0) {
            throw new OutOfMemoryError(lastError());
        }
        return new NativeStorage(owner, address, dtype, size);
    }

    @Override
    public void write(Object array, int from, Storage to, long offset, int count) {
        refuseWhileRecording();
        int width = to.dtype().bytes();
        long target = to.address() + offset * width;
        int step = COPY_BYTES / width;
        for (int done = 0; done < count; done += step) {
            long start = (long) (from + done) * width;
            long bytes = (long) Math.min(step, count - done) * width;
            long address = target + (long) done * width;
            check(
                    switch (to.dtype()) {
                        case FLOAT32 -> Ntl.ntl_copy_in(context, address, (float[]) array, start, bytes);
                        case FLOAT64 -> Ntl.ntl_copy_in(context, address, (double[]) array, start, bytes);
                        case INT32 -> Ntl.ntl_copy_in(context, address, (int[]) array, start, bytes);
                        case INT64 -> Ntl.ntl_copy_in(context, address, (long[]) array, start, bytes);
                        case UINT8 -> Ntl.ntl_copy_in(context, address, (byte[]) array, start, bytes);
                    });
        }
    }

    @Override
    public void read(Storage from, long offset, Object array, int to, int count) {
        refuseWhileRecording();
        synchronize(); // here, and not while the array is pinned
        int width = from.dtype().bytes();
        long source = from.address() + offset * width;
        int step = COPY_BYTES / width;
        for (int done = 0; done < count; done += step) {
            long start = (long) (to + done) * width;
            long bytes = (long) Math.min(step, count - done) * width;
            long address = source + (long) done * width;
            check(
                    switch (from.dtype()) {
                        case FLOAT32 -> Ntl.ntl_copy_out(context, (float[]) array, start, address, bytes);
                        case FLOAT64 -> Ntl.ntl_copy_out(context, (double[]) array, start, address, bytes);
                        case INT32 -> Ntl.ntl_copy_out(context, (int[]) array, start, address, bytes);
                        case INT64 -> Ntl.ntl_copy_out(context, (long[]) array, start, address, bytes);
                        case UINT8 -> Ntl.ntl_copy_out(context, (byte[]) array, start, address, bytes);
                    });
        }
    }

    @Override
    public boolean borrows(String op) {
        return borrowed.contains(op);
    }

    @Override
    public long peakBytes() {
        return Ntl.ntl_memory_peak(context);
    }

    @Override
    public void synchronize() {
        if (!description.isEmpty()) {
            check(Ntl.ntl_synchronize(context));
        }
    }

    @Override
    public long memoryUsed() {
        return Ntl.ntl_memory_used(context);
    }

    @Override
    public Recording record() {
        if (RECORDING.get() != null) {
            throw new IllegalStateException("this thread is recording a plan already");
        }
        NativeRecording recording = new NativeRecording(this);
        RECORDING.set(recording);
        return recording;
    }

    /** What this thread is recording on this device. */
    @Nullable
    NativeRecording recording() {
        NativeRecording recording = NativeRecording.open() ? RECORDING.get() : null;
        return recording != null && recording.backend() == this ? recording : null;
    }

    /** This thread's recording has ended. */
    static void recorded() {
        RECORDING.remove();
    }

    /** The host's part in a step is not recorded: what it read or wrote would be the same in every run. */
    private void refuseWhileRecording() {
        NativeRecording recording = recording();
        if (recording != null) {
            List<Plan.Part> parts = recording.parts();
            throw new IllegalStateException("values cannot be read or written while a plan is recorded"
                    + (parts.isEmpty()
                            ? ""
                            : ", as the host does after "
                                    + parts.get(parts.size() - 1).name())
                    + ": do it before or after, with tensors that exist outside of the recorded step");
        }
    }

    @Override
    public @Nullable Peaks peaks() {
        return description.isEmpty() ? new NativePeaks(this) : null; // they are measured on the processor
    }

    @Override
    public Ladder ladder() {
        return new NativeLadder(this, description.isEmpty() ? "cpu" : "cuda");
    }

    @Override
    protected <K> K load(KernelType<K> type) {
        return loadByName(type, NativeBackend.class, "Native", this);
    }

    /** The address of an optional tensor; 0 if there is none. */
    static long address(@Nullable Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }

    /**
     * Throws what a status of the C ABI means.
     *
     * @param status what the call returned
     * @param used the tensors whose addresses the call was given: that they are named after it keeps the collector from
     *     freeing them during it, which it may do to one that belongs to no scope and is not used again
     */
    static void check(int status, @Nullable Object... used) {
        try {
            if (status != Ntl.NTL_OK) {
                throw failure(status);
            }
        } finally {
            Reference.reachabilityFence(used);
        }
    }

    private static RuntimeException failure(int status) {
        String reason = lastError();
        if (status == Ntl.NTL_OUT_OF_MEMORY) {
            throw new OutOfMemoryError(reason);
        }
        return status == Ntl.NTL_BAD_ARGUMENT ? new IllegalArgumentException(reason) : new DeviceException(reason);
    }

    static String lastError() {
        return Ntl.ntl_last_error().getString();
    }
}
