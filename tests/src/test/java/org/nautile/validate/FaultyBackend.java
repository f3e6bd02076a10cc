package org.nautile.validate;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Storage;
import org.nautile.Tensor;
import org.nautile.backend.Backend;
import org.nautile.backend.KernelType;

/**
 * The device {@code reference} with a fault: every kernel call changes one element of each tensor it has written, by 1 % and
 * at least 0.01, or by 1. A check that lets this pass checks nothing.
 */
final class FaultyBackend extends Backend {
    /** Which of the elements that a kernel has changed becomes wrong. */
    enum Element {
        FIRST,
        MIDDLE,
        LAST
    }

    private static final AtomicInteger CALLS = new AtomicInteger();
    private static final AtomicInteger SPOILT = new AtomicInteger();

    private static volatile Element element = Element.MIDDLE;
    private static volatile int rightCalls;

    private final Backend reference = Device.of("reference").backend();

    /** Chooses the element that becomes wrong from now on, in every call. */
    static void fault(Element which) {
        fault(which, 0);
    }

    /** Chooses the element that becomes wrong from now on, once a number of kernel calls have given right results. */
    static void fault(Element which, int right) {
        element = which;
        rightCalls = right;
        CALLS.set(0);
        SPOILT.set(0);
    }

    /** How many elements were made wrong since {@link #fault}. */
    static int spoilt() {
        return SPOILT.get();
    }

    /** The kernel calls since the last choice. */
    static int calls() {
        return CALLS.get();
    }

    @Override
    public String description() {
        return "plain Java, one wrong element in every result";
    }

    @Override
    public boolean supports(DType dtype) {
        return reference.supports(dtype);
    }

    /** Memory that holds strange numbers: were it zeros, a kernel that writes zeros would seem to have written nothing. */
    @Override
    public Storage allocate(DType dtype, long size) {
        Storage storage = reference.allocate(dtype, size);
        int length = Math.toIntExact(size);
        reference.write(Elements.poison(dtype, length), 0, storage, 0, length);
        return storage;
    }

    @Override
    public void write(Object array, int from, Storage to, long offset, int count) {
        reference.write(array, from, to, offset, count);
    }

    @Override
    public void read(Storage from, long offset, Object array, int to, int count) {
        reference.read(from, offset, array, to, count);
    }

    @Override
    protected <K> K load(KernelType<K> type) {
        K kernel = reference.kernel(type);
        InvocationHandler handler = (proxy, method, arguments) -> call(kernel, method, arguments);
        return type.type()
                .cast(Proxy.newProxyInstance(type.type().getClassLoader(), new Class<?>[] {type.type()}, handler));
    }

    private @Nullable Object call(Object kernel, Method method, Object[] arguments) throws Throwable {
        List<Tensor> tensors = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Tensor tensor) {
                tensors.add(tensor);
            } else if (argument instanceof Record record) { // such as where several gradients go
                for (RecordComponent component : record.getClass().getRecordComponents()) {
                    if (component.getAccessor().invoke(record) instanceof Tensor tensor) {
                        tensors.add(tensor);
                    }
                }
            }
        }
        List<Object> before =
                tensors.stream().map(tensor -> content(tensor.storage())).toList();
        Object result;
        try {
            result = method.invoke(kernel, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (CALLS.incrementAndGet() > rightCalls) {
            Map<Storage, Set<Integer>> done = new HashMap<>(); // by identity: storages are not compared otherwise
            for (int i = 0; i < before.size(); i++) {
                spoil(tensors.get(i), before.get(i), done);
            }
        }
        return result;
    }

    private Object content(Storage storage) {
        int length = Math.toIntExact(storage.size());
        Object array = storage.dtype().newArray(length);
        reference.read(storage, 0, array, 0, length);
        return array;
    }

    /** Makes an element wrong, unless nothing was written or the same memory was spoilt as another argument. */
    private void spoil(Tensor tensor, Object before, Map<Storage, Set<Integer>> done) {
        Storage storage = tensor.storage();
        Object after = content(storage);
        int[] changed = Arrays.stream(places(tensor))
                .filter(place -> Elements.bits(before, place) != Elements.bits(after, place))
                .toArray();
        Set<Integer> wrong = done.computeIfAbsent(storage, any -> new HashSet<>());
        if (changed.length == 0 || Arrays.stream(changed).anyMatch(wrong::contains)) {
            return;
        }
        int place = changed[
                switch (element) {
                    case FIRST -> 0;
                    case MIDDLE -> changed.length / 2;
                    case LAST -> changed.length - 1;
                }];
        double value = Elements.get(after, place);
        double other = !storage.dtype().isFloating()
                ? value + 1
                : Double.isFinite(value) ? value + 0.01 * Math.max(1, Math.abs(value)) : 0;
        reference.write(Elements.ofType(storage.dtype(), new double[] {other}), 0, storage, place, 1);
        wrong.add(place);
        SPOILT.incrementAndGet();
    }

    /** The places of a tensor's elements in its storage, row by row. */
    private static int[] places(Tensor tensor) {
        return IntStream.range(0, Math.toIntExact(tensor.size()))
                .map(index -> {
                    long place = tensor.offset();
                    long rest = index;
                    for (int axis = tensor.shape().rank() - 1; axis >= 0; axis--) {
                        place += rest % tensor.shape().dim(axis) * tensor.stride(axis);
                        rest /= tensor.shape().dim(axis);
                    }
                    return Math.toIntExact(place);
                })
                .toArray();
    }
}
