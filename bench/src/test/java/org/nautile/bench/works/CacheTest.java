package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.backend.Peaks.Stream;
import org.nautile.models.cli.Machine;

/** What is read of the caches, and the roof a work is given. */
class CacheTest {
    @TempDir
    private Path root = Path.of("");

    private void cache(int index, String level, String type, String size, String sharers) throws IOException {
        Path folder = Files.createDirectories(root.resolve("sys/devices/system/cpu/cpu0/cache/index" + index));
        Files.writeString(folder.resolve("level"), level + "\n");
        Files.writeString(folder.resolve("type"), type + "\n");
        Files.writeString(folder.resolve("size"), size + "\n");
        Files.writeString(folder.resolve("shared_cpu_list"), sharers + "\n");
    }

    @Test
    void sizesAndSharersAsTheSystemSays() throws IOException {
        cache(0, "1", "Data", "32K", "0,8");
        cache(1, "1", "Instruction", "32K", "0,8");
        cache(2, "2", "Unified", "1024K", "0,8");
        cache(3, "3", "Unified", "16M", "0-3,8-11");
        List<Cache> caches = Cache.of(new Machine(root));
        assertEquals(List.of(new Cache(1, 32 << 10, 2), new Cache(2, 1 << 20, 2), new Cache(3, 16 << 20, 8)), caches);
        assertEquals(32 << 10, caches.get(0).bytesFor(2));
        assertEquals(64 << 10, caches.get(0).bytesFor(3));
        assertEquals(16 << 20, caches.get(2).bytesFor(8));
    }

    @Test
    void machineThatDoesNotTellHasNone() throws IOException {
        assertEquals(List.of(), Cache.of(new Machine(root)));
        cache(0, "1", "Data", "plenty", "0");
        assertEquals(List.of(), Cache.of(new Machine(root)));
    }

    @Test
    void roofIsTheLowerOfArithmeticAndTheLevelThatHoldsTheData() {
        Map<Stream, Double> fast = new EnumMap<>(Map.of(Stream.READ, 80.0, Stream.COPY, 100.0));
        Map<Stream, Double> slow = new EnumMap<>(Map.of(Stream.READ, 10.0, Stream.COPY, 8.0));
        Roof roof =
                new Roof(50, List.of(new Roof.Level("L1", 1000, fast), new Roof.Level("memory", Long.MAX_VALUE, slow)));
        assertEquals(750 / 100e9, roof.seconds(work(1, 750)), 1e-15);
        assertEquals(751 / 10e9, roof.seconds(work(1, 751)), 1e-15, "it no longer fits comfortably");
        assertEquals(1e6 / 50e9, roof.seconds(work(1e6, 751)), 1e-12, "arithmetic takes longer");

        Roof other = new Roof(60, List.of(roof.levels().get(1), roof.levels().get(0)));
        Roof best = roof.best(other);
        assertEquals(60, best.gflops());
        assertEquals(fast, best.levels().get(0).gbps());
        assertEquals(fast, best.levels().get(1).gbps());
    }

    private static Work work(double flops, double bytes) {
        return new Work("mem", "w", "relu", Map.of(), flops, bytes, 0);
    }
}
