package org.nautile.models.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.ChildJvm;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Shape;
import org.nautile.Threads;
import org.nautile.data.Dataset;
import org.nautile.models.MnistMlp;
import org.nautile.nn.Sequential;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;

/**
 * What a live page costs a training: fifty readers, ten of which never read. Prints figures; longer with
 * {@code -Dnautile.live.seconds=60}.
 */
@ExtendWith(RestoresDefaults.class)
class LiveLoadTest {
    private static final int READERS = 40;
    private static final int SILENT = 10;

    /** The readers, in a process of their own, so that what they cost is not the training's. */
    static final class Readers {
        public static void main(String[] args) throws IOException {
            int port = Integer.parseInt(args[0]);
            String ask = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
            List<Socket> silent = new ArrayList<>();
            for (int i = 0; i < SILENT; i++) {
                Socket socket = new Socket();
                socket.setReceiveBufferSize(2048); // so that the server soon has nowhere to put more
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                OutputStream out = socket.getOutputStream();
                out.write(ask.getBytes(StandardCharsets.US_ASCII));
                silent.add(socket);
            }
            long bytes = 0;
            int open = 0;
            try (Selector selector = Selector.open()) {
                for (int i = 0; i < READERS; i++) {
                    SocketChannel channel =
                            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                    channel.write(ByteBuffer.wrap(ask.getBytes(StandardCharsets.US_ASCII)));
                    channel.configureBlocking(false);
                    channel.register(selector, SelectionKey.OP_READ);
                    open++;
                }
                ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
                while (open > 0) {
                    selector.select();
                    for (SelectionKey key : selector.selectedKeys()) {
                        int got = ((SocketChannel) key.channel()).read(buffer.clear());
                        if (got < 0) {
                            key.channel().close();
                            open--;
                        } else {
                            bytes += got;
                        }
                    }
                    selector.selectedKeys().clear();
                }
            }
            System.out.println(bytes + " bytes read; " + silent.size() + " never read");
        }
    }

    /** The CPU time of the server's threads, also of those that are gone. */
    private static final class ServerTime {
        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private final Map<Long, Long> nanos = new HashMap<>();
        private int most;

        void look() {
            long[] ids = threads.getAllThreadIds();
            ThreadInfo[] infos = threads.getThreadInfo(ids);
            int now = 0;
            for (int i = 0; i < ids.length; i++) {
                String name = infos[i] == null ? "" : infos[i].getThreadName();
                if (name.startsWith("nautile-live") || name.startsWith("HTTP-Dispatcher")) {
                    nanos.put(ids[i], threads.getThreadCpuTime(ids[i]));
                    now++;
                }
            }
            most = Math.max(most, now);
        }

        double seconds() {
            return nanos.values().stream().mapToLong(Long::longValue).sum() * 1e-9;
        }
    }

    /** Noise: what is learnt does not matter here. */
    private static final class Noise implements Dataset {
        @Override
        public int size() {
            return 4096;
        }

        @Override
        public Shape sampleShape() {
            return Shape.of(784);
        }

        @Override
        public int classes() {
            return 10;
        }

        @Override
        public void sample(int index, float[] into, int offset) {
            Generator random = new Generator(1, index);
            for (int i = 0; i < 784; i++) {
                into[offset + i] = random.nextFloat();
            }
        }

        @Override
        public void target(int index, long[] into, int offset) {
            into[offset] = index % 10;
        }
    }

    @Test
    void fiftyReadersCostLittle(@TempDir java.nio.file.Path folder) throws Exception {
        double seconds = Double.parseDouble(System.getProperty("nautile.live.seconds", "2"));
        Threads.set(1);
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        ServerTime server = new ServerTime();
        try (LivePage page = new LivePage(0, "load");
                Sequential model = MnistMlp.network(10, new Generator(0, 0))) {
            ChildJvm child = new ChildJvm(Readers.class);
            Thread readers = new Thread(() -> {
                try {
                    System.out.print(child.run(Integer.toString(page.address().getPort()))
                            .output());
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            readers.start();
            Browser.until("all are there", () -> page.readers() == READERS + SILENT);
            server.look();
            double serverBefore = server.seconds();
            Trainer[] trainer = new Trainer[1];
            long[] steps = {0};
            long[] memory = new long[2]; // early, late
            long start = System.nanoTime();
            TrainerListener watch = new TrainerListener() {
                private long looked;

                @Override
                public void batchDone(int epoch, int batch, double loss) {
                    steps[0]++;
                    long now = System.nanoTime();
                    if (now - looked > 50_000_000) {
                        looked = now;
                        server.look();
                        if (memory[0] == 0 && now - start > 0.3e9 * seconds) {
                            memory[0] = used();
                        }
                        if (now - start > 1e9 * seconds) {
                            trainer[0].stop();
                        }
                    }
                }
            };
            trainer[0] = Trainer.of(model)
                    .train(new Noise())
                    .optimizer(new Sgd(model, 0.01))
                    .batchSize(64)
                    .epochs(Integer.MAX_VALUE)
                    .listener(watch)
                    .listener(new LiveTraining(page, () -> "", 64, () -> trainer[0].gradientNorm(), () -> 0))
                    .build();
            long before = system.getProcessCpuTime();
            List<EpochResult> done = trainer[0].run();
            server.look();
            double process = (system.getProcessCpuTime() - before) * 1e-9;
            memory[1] = used();
            assertEquals(READERS + SILENT, page.readers(), "nobody was thrown out");
            assertTrue(page.longestQueue() <= LivePage.QUEUE, "queue of " + page.longestQueue());
            assertTrue(page.rows() < LivePage.ROWS, page.rows() + " rows");
            assertTrue(steps[0] > 0 && !done.isEmpty(), "training went on");
            assertTrue(server.most <= READERS + SILENT + 10, server.most + " threads");
            System.out.printf(
                    Locale.ROOT,
                    "%d steps in %.1f s, %d readers of which %d never read: server %.3f s of %.2f s CPU (%.2f %%), %d"
                            + " threads, longest queue %d of %d, %d events not sent one by one, heap %.1f MB then %.1f MB%n",
                    steps[0],
                    (System.nanoTime() - start) * 1e-9,
                    page.readers(),
                    SILENT,
                    server.seconds() - serverBefore,
                    process,
                    100 * (server.seconds() - serverBefore) / process,
                    server.most,
                    page.longestQueue(),
                    LivePage.QUEUE,
                    page.dropped(),
                    memory[0] / 1e6,
                    memory[1] / 1e6);
            page.close();
            readers.join(20_000);
            assertTrue(!readers.isAlive(), "the end reaches those that read");
        }
    }

    private static long used() {
        System.gc();
        Runtime java = Runtime.getRuntime();
        return java.totalMemory() - java.freeMemory();
    }
}
