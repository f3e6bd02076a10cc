package org.nautile.bench.works;

import java.lang.reflect.Proxy;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Storage;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;
import org.nautile.backend.KernelType;
import org.nautile.backend.SoftmaxKernel;

/** The device {@code idle}: unbeatable, for its kernels do nothing. It has none for softmax. */
public final class IdleProvider implements BackendProvider {
    static final String NAME = "idle";

    @Override
    public String device() {
        return NAME;
    }

    @Override
    public String summary() {
        return "kernels that do nothing";
    }

    @Override
    public int rank() {
        return -1;
    }

    @Override
    public boolean hidden() {
        return true;
    }

    @Override
    public Backend open(int index) {
        return new Idle();
    }

    private static final class Idle extends Backend {
        private final Backend memory = Device.of("reference").backend();

        @Override
        public String description() {
            return "nothing runs";
        }

        @Override
        public boolean supports(DType dtype) {
            return true;
        }

        @Override
        public Storage allocate(DType dtype, long size) {
            return memory.allocate(dtype, size);
        }

        @Override
        public void write(Object array, int from, Storage to, long offset, int count) {
            memory.write(array, from, to, offset, count);
        }

        @Override
        public void read(Storage from, long offset, Object array, int to, int count) {
            memory.read(from, offset, array, to, count);
        }

        @Override
        protected <K> K load(KernelType<K> type) {
            if (type.type() == SoftmaxKernel.class) {
                throw new UnsupportedOperationException("softmax: no kernel");
            }
            return type.type()
                    .cast(Proxy.newProxyInstance(
                            type.type().getClassLoader(), new Class<?>[] {type.type()}, (proxy, method, args) -> null));
        }
    }
}
