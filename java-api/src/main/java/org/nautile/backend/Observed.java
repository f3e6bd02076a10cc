package org.nautile.backend;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A kernel whose calls pass an observer. */
final class Observed {
    private static final Object[] NONE = {};

    private Observed() {}

    static <K> K of(KernelType<K> type, K kernel, KernelObserver observer) {
        Class<K> kind = type.type();
        return kind.cast(Proxy.newProxyInstance(
                kind.getClassLoader(), new Class<?>[] {kind}, (proxy, method, arguments) -> {
                    Object[] given = arguments == null ? NONE : arguments;
                    if (method.getReturnType() != void.class) { // of Object
                        return method.invoke(kernel, given);
                    }
                    observer.call(type, method.getName(), given, () -> run(method, kernel, given));
                    return null;
                }));
    }

    private static void run(Method method, Object kernel, Object... arguments) {
        try {
            method.invoke(kernel, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException(method + " throws what kernels do not", e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " is not public", e);
        }
    }
}
