package org.nautile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.nautile.backend.Backend;
import org.nautile.backend.BackendProvider;

/**
 * Where tensors live and what computes on them: {@code reference} (plain Java), {@code cpu} (C++ kernels), ... Nothing
 * falls back in silence: a device that cannot be used is an error that says why.
 */
public final class Device {
    private static final Pattern NAME = Pattern.compile("(?<kind>[^:]+)(:(?<index>\\d{1,4}))?");
    private static final Map<String, Device> OPEN = new ConcurrentHashMap<>();
    private static volatile @Nullable Device preferred;

    private final String name;
    private final Backend backend;

    private Device(String name, Backend backend) {
        this.name = name;
        this.backend = backend;
    }

    /**
     * The device of a name, opened on first use.
     *
     * @param name for example {@code "cpu"}, or {@code "cuda:1"} for one of several (without a number it is the first);
     *     {@code "auto"} is the best that can be used here
     * @return the device; the same object for the same name
     * @throws IllegalArgumentException if there is no device of that name
     * @throws DeviceException if it cannot be used on this machine: the reason and the remedy
     */
    public static Device of(String name) {
        Device device = OPEN.get(name);
        return device != null ? device : open(name);
    }

    /**
     * A device beside those that the build knows: one that watches another, for example. No list names it.
     *
     * @param name for messages
     * @param backend what does the work
     * @return a new device
     */
    public static Device of(String name, Backend backend) {
        return new Device(name, backend);
    }

    private static synchronized Device open(String name) {
        Device device = OPEN.get(name);
        if (device != null) {
            return device;
        }
        if (name.equals("auto")) {
            return best();
        }
        Matcher parts = NAME.matcher(name);
        if (parts.matches()) {
            for (BackendProvider provider : providers()) {
                if (provider.device().equals(parts.group("kind"))) {
                    return open(
                            name, provider, parts.group("index") == null ? 0 : Integer.parseInt(parts.group("index")));
                }
            }
        }
        throw new IllegalArgumentException("no device '" + name + "'; there are " + String.join(", ", names()));
    }

    private static Device open(String name, BackendProvider provider, int index) {
        String canonical = index == 0 ? provider.device() : provider.device() + ':' + index;
        Device device = OPEN.get(canonical);
        if (device == null) {
            device = new Device(canonical, provider.open(index));
            OPEN.put(canonical, device);
        }
        OPEN.put(name, device); // cuda:0 and cuda are one
        return device;
    }

    /**
     * The kind of a device, by its name: {@code cuda} for {@code cuda:1}.
     *
     * @param name a device's name
     * @return the name without a number
     */
    public static String kind(String name) {
        Matcher parts = NAME.matcher(name);
        return parts.matches() ? parts.group("kind") : name;
    }

    private static Device best() {
        List<String> problems = new ArrayList<>();
        for (BackendProvider provider : providers()) {
            if (provider.rank() >= 0) {
                try {
                    return of(provider.device());
                } catch (DeviceException e) {
                    problems.add(e.getMessage());
                }
            }
        }
        throw new DeviceException("no device can be used: " + String.join("; ", problems));
    }

    /** Every device this build knows, best first. */
    static List<BackendProvider> providers() {
        List<BackendProvider> providers = new ArrayList<>();
        ServiceLoader.load(BackendProvider.class, Device.class.getClassLoader()).forEach(providers::add);
        providers.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
        return providers;
    }

    /**
     * The names of all devices this build knows, best first, whether or not they can be used here.
     *
     * @return for example {@code [cpu, cuda, reference]}
     */
    public static List<String> names() {
        return providers().stream()
                .filter(provider -> !provider.hidden())
                .map(BackendProvider::device)
                .toList();
    }

    /**
     * What a device is, in a few words.
     *
     * @param name one of {@link #names}
     * @return for example {@code "hand-written C++ kernels"}
     */
    public static String summary(String name) {
        return providers().stream()
                .filter(provider -> provider.device().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no device '" + name + "'"))
                .summary();
    }

    /**
     * The device of tensors made without naming one: what {@link #setDefault} chose, or else the system property
     * {@code nautile.device}, or else the best that can be used here.
     *
     * @return the device
     */
    public static Device defaultDevice() {
        Device device = preferred;
        if (device == null) {
            device = of(System.getProperty("nautile.device", "auto"));
            preferred = device;
        }
        return device;
    }

    /**
     * Chooses the device of tensors made without naming one, for the whole process.
     *
     * @param device the device
     */
    public static void setDefault(Device device) {
        preferred = device;
    }

    /**
     * The device's name.
     *
     * @return for example {@code "cpu"}
     */
    public String name() {
        return name;
    }

    /**
     * What does the work.
     *
     * @return the backend
     */
    public Backend backend() {
        return backend;
    }

    @Override
    public String toString() {
        return name;
    }
}
