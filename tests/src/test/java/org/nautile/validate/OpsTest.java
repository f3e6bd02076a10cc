package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.backend.abi.CudnnEmulatedProvider;
import org.nautile.jni.Ntl;

/** Every check for every case of every op on every device that can be used here. */
@Tag("ops")
class OpsTest {
    /** With this property, only the devices that it names, separated by commas. */
    private static final String ONLY = "nautile.test.devices";

    static final List<Device> DEVICES =
            names().stream().flatMap(OpsTest::usable).toList();

    /** The damaged blocks before the tests, by the context of the device. */
    private static final Map<Long, Long> DAMAGED = new HashMap<>();

    private static List<String> names() {
        String only = System.getProperty(ONLY);
        return only == null
                ? Stream.concat(Device.names().stream(), Stream.of(CudnnEmulatedProvider.NAME))
                        .toList()
                : List.of(only.split(",", -1));
    }

    /** The emulated cudnn is there for what it borrows: the rest is another device's. */
    private static boolean tested(String op, Device device) {
        return !device.name().equals(CudnnEmulatedProvider.NAME)
                || OpCases.of(op).stream().anyMatch(test -> device.backend().borrows(test.kernels()));
    }

    private static Stream<Device> usable(String name) {
        try {
            return Stream.of(Device.of(name));
        } catch (DeviceException e) {
            System.err.println("SKIPPED: ops on " + name + ": " + e.getMessage());
            return Stream.empty();
        }
    }

    /** Memory comes poisoned and between guard bytes. */
    @BeforeAll
    static void poisonMemory() {
        for (Device device : DEVICES) {
            if (!device.name().equals("reference")) {
                long context = Ntl.ntl_context_open(device.name());
                DAMAGED.put(context, Ntl.ntl_memory_damaged(context));
                Ntl.ntl_memory_check(context, 1);
            }
        }
    }

    @AfterAll
    static void noGuardByteWasTouched() {
        DAMAGED.forEach((context, damaged) -> {
            Ntl.ntl_memory_check(context, 0);
            assertEquals(damaged, Ntl.ntl_memory_damaged(context), "blocks with damaged guard bytes");
        });
    }

    /** For reference, which computes on one thread and whose results depend on nothing else: several checks at a time. */
    private static final ExecutorService CORES =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), task -> {
                Thread thread = new Thread(task, "reference");
                thread.setDaemon(true);
                return thread;
            });

    @TestFactory
    Stream<DynamicNode> ops() {
        return OpCases.ops().stream().flatMap(op -> {
            List<OpCase> cases = OpCases.of(op);
            return DEVICES.stream()
                    .filter(device -> tested(op, device))
                    .map(device -> DynamicContainer.dynamicContainer(
                            op + " on " + device, Stream.of(device).flatMap(where -> tests(cases, where))));
        });
    }

    private static Stream<DynamicTest> tests(List<OpCase> cases, Device device) {
        boolean alone = device.name().equals("reference");
        return cases.stream()
                .flatMap(test -> Stream.of(Check.values())
                        .filter(check -> check.applies(test, device))
                        .map(check -> {
                            Callable<Measure> run = () -> test.run(check, device);
                            Callable<Measure> result = alone ? inBackground(run) : run;
                            return DynamicTest.dynamicTest(test + ", seed " + test.seed() + ": " + check, result::call);
                        }))
                .toList()
                .stream();
    }

    private static Callable<Measure> inBackground(Callable<Measure> run) {
        Future<Measure> future = CORES.submit(run);
        return () -> {
            try {
                return future.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        };
    }

    @Test
    void everyCaseHasANameOfItsOwn() {
        for (String op : OpCases.ops()) {
            Set<String> names = new TreeSet<>();
            for (OpCase test : OpCases.of(op)) {
                assertTrue(names.add(test.op() + test.name()), () -> op + " has two cases " + test.name());
            }
        }
    }
}
