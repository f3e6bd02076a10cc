package org.nautile;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** After each test and each class, device, threads and precision are those of before: commands choose them for the whole process. */
public final class RestoresDefaults
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final Namespace SPACE = Namespace.create(RestoresDefaults.class);

    private record Defaults(Device device, int threads, MatmulPrecision precision) {}

    @Override
    public void beforeAll(ExtensionContext context) {
        remember(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        remember(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        restore(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        restore(context);
    }

    private static void remember(ExtensionContext context) {
        context.getStore(SPACE)
                .put(Defaults.class, new Defaults(Device.defaultDevice(), Threads.count(), MatmulPrecision.current()));
    }

    private static void restore(ExtensionContext context) {
        Defaults before = context.getStore(SPACE).get(Defaults.class, Defaults.class);
        Device.setDefault(before.device());
        Threads.set(before.threads());
        MatmulPrecision.set(before.precision());
    }
}
