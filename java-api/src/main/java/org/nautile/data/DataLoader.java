package org.nautile.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Phase;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/**
 * A data set in mini-batches. The next batches are gathered by another thread while one is in use. The order of an epoch
 * depends on seed and epoch alone, and is the same on every device. The last batch may be smaller. Full batches go to the
 * same memory, one after the other: what is to outlive the next batch must be copied. Pictures of several channels lie there
 * channels last.
 *
 * <p>Targets of several lengths are filled up with zeros, to the longest of their batch and from there to a multiple of eight, so
 * that batches have few different shapes. When shuffled, examples of about one length come together: those of 32 batches that
 * follow one another in the drawn order are sorted by length, and then the batches of an epoch change places. The last, smaller
 * batch stays the last.
 */
public final class DataLoader implements AutoCloseable {
    /** The stream of random numbers of the first epoch's order; see {@link org.nautile.Philox}. */
    private static final long SHUFFLE_STREAM = 1L << 32;

    private static final int AHEAD = 4; // batches that are gathered before they are wanted
    private static final int POOL = 32; // batches whose examples are sorted by length
    private static final int WIDTH = 8; // lengths are filled up to multiples of it
    private static final int TOGETHER = 2; // gathered in one go: waking a thread can take as long as a small step

    private final Dataset dataset;
    private final int batchSize;
    private final Device device;
    private final boolean shuffle;
    private final long seed;
    private final boolean ragged; // whether targets differ in length

    /** The memory of full batches by the width of y; x as it lies there. */
    private final Map<Integer, Batch> places = new HashMap<>();

    private final Queue<float[]> used = new ConcurrentLinkedQueue<>(); // of full batches, to be filled again
    private final ExecutorService gatherer = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "nautile-data");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * A loader.
     *
     * @param dataset the examples
     * @param batchSize the examples in a batch, {@code >= 1}
     * @param device where the batches go
     * @param shuffle whether each epoch has an order of its own
     * @param seed the seed of the orders
     */
    public DataLoader(Dataset dataset, int batchSize, Device device, boolean shuffle, long seed) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size " + batchSize + "; at least 1 is needed");
        }
        this.dataset = dataset;
        this.batchSize = batchSize;
        this.device = device;
        this.shuffle = shuffle;
        this.seed = seed;
        int whole = (int) dataset.targetShape().size();
        ragged = IntStream.range(0, dataset.size()).anyMatch(i -> dataset.targetLength(i) != whole);
        if (ragged && dataset.targetShape().rank() != 1) {
            throw new ShapeException("targets " + dataset.targetShape() + " of several lengths; one axis is expected");
        }
    }

    /**
     * The number of batches in an epoch.
     *
     * @return the size of the data set by the size of a batch, rounded up
     */
    public int batches() {
        return (dataset.size() + batchSize - 1) / batchSize;
    }

    /**
     * The order of an epoch.
     *
     * @param epoch from 1
     * @return the number of each example, first to last
     */
    public int[] order(int epoch) {
        if (!shuffle) {
            return IntStream.range(0, dataset.size()).toArray();
        }
        Generator random = new Generator(seed, SHUFFLE_STREAM + epoch);
        int[] order = random.permutation(dataset.size());
        return ragged ? byLength(order, random) : order;
    }

    private int[] byLength(int[] order, Generator random) {
        int pool = Math.multiplyExact(POOL, batchSize);
        int[] sorted = IntStream.iterate(0, start -> start < order.length, start -> start + pool)
                .flatMap(start -> Arrays.stream(order, start, Math.min(start + pool, order.length))
                        .boxed()
                        .sorted(Comparator.comparingInt(dataset::targetLength))
                        .mapToInt(Integer::intValue))
                .toArray();
        int[] moved = sorted.clone();
        int[] batches = random.permutation(order.length / batchSize);
        for (int i = 0; i < batches.length; i++) {
            System.arraycopy(sorted, batches[i] * batchSize, moved, i * batchSize, batchSize);
        }
        return moved;
    }

    /**
     * The batches of an epoch, to be gone through once. Their tensors belong to the innermost scope open when they are taken,
     * and those of a full batch are valid until the next is taken.
     *
     * @param epoch from 1
     * @return the batches
     */
    public Iterable<Batch> epoch(int epoch) {
        int[] order = order(epoch);
        return () -> new Batches(epoch, order);
    }

    /** Examples on the host, as they will lie in memory. */
    private record Gathered(int count, int targetSize, float[] values, long[] targets) {}

    private Gathered gather(int epoch, int[] order, int batch) {
        try (Phase.Span phase = Phase.GATHER.begin()) {
            return examples(epoch, order, batch);
        }
    }

    private Gathered examples(int epoch, int[] order, int batch) {
        int start = batch * batchSize;
        int count = Math.min(batchSize, order.length - start);
        int size = (int) dataset.sampleShape().size();
        int targetSize = targetSize(order, start, count);
        float[] again = count == batchSize ? used.poll() : null;
        float[] values = again != null ? again : new float[Math.multiplyExact(count, size)];
        long[] targets = new long[Math.multiplyExact(count, targetSize)];
        for (int i = 0; i < count; i++) {
            dataset.example(order[start + i], epoch, values, i * size, targets, i * targetSize);
        }
        if (channelsLast()) {
            values = byPixels(values);
        }
        return new Gathered(count, targetSize, values, targets);
    }

    /** The numbers in each target of a batch. */
    private int targetSize(int[] order, int start, int count) {
        int whole = (int) dataset.targetShape().size();
        if (!ragged) {
            return whole;
        }
        int longest = Arrays.stream(order, start, start + count)
                .map(dataset::targetLength)
                .max()
                .orElse(0);
        return Math.min(whole, (longest + WIDTH - 1) / WIDTH * WIDTH);
    }

    /** Whether examples are pictures of several channels, which kernels want to lie pixel by pixel. */
    private boolean channelsLast() {
        Shape sample = dataset.sampleShape();
        return sample.rank() == 3 && sample.dim(0) > 1;
    }

    /** Pictures pixel by pixel. */
    private float[] byPixels(float[] values) {
        int channels = (int) dataset.sampleShape().dim(0);
        int pixels = (int) dataset.sampleShape().size() / channels;
        float[] moved = new float[values.length];
        for (int start = 0; start < values.length; start += channels * pixels) {
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < pixels; i++) {
                    moved[start + i * channels + c] = values[start + c * pixels + i];
                }
            }
        }
        return moved;
    }

    /** The shape in which examples lie in memory. */
    private Shape inMemory(int count) {
        Shape shape = several(count, dataset.sampleShape());
        return channelsLast() ? Shape.of(count, shape.dim(2), shape.dim(3), shape.dim(1)) : shape;
    }

    /** Examples as they are, of those that lie in memory. */
    private Tensor examples(Tensor inMemory) {
        if (!channelsLast()) {
            return inMemory;
        }
        Shape shape = inMemory.shape();
        long width = shape.dim(2);
        long channels = shape.dim(3);
        long size = shape.dim(1) * width * channels;
        Shape seen = Shape.of(shape.dim(0), channels, shape.dim(1), width);
        return inMemory.view(seen, inMemory.offset(), size, 1, width * channels, channels);
    }

    /** The shape of so many of these. */
    private static Shape several(int count, Shape one) {
        long[] dims = new long[one.rank() + 1];
        dims[0] = count;
        System.arraycopy(one.dims(), 0, dims, 1, one.rank());
        return Shape.of(dims);
    }

    private final class Batches implements Iterator<Batch> {
        private final int epoch;
        private final int[] order;
        private int next;
        private final Queue<CompletableFuture<Gathered>> ahead = new ArrayDeque<>();

        Batches(int epoch, int... order) {
            this.epoch = epoch;
            this.order = order;
            prepare(AHEAD);
        }

        private void prepare(int count) {
            checkOpen();
            int first = next + ahead.size();
            List<CompletableFuture<Gathered>> batches = new ArrayList<>();
            for (int batch = first; batch < Math.min(first + count, batches()); batch++) {
                batches.add(new CompletableFuture<>());
            }
            ahead.addAll(batches);
            gatherer.execute(() -> {
                for (int i = 0; i < batches.size(); i++) {
                    int batch = first + i;
                    batches.get(i).completeAsync(() -> gather(epoch, order, batch), Runnable::run);
                }
            });
        }

        @Override
        public boolean hasNext() {
            return next < batches();
        }

        @Override
        public Batch next() {
            try (Phase.Span phase = Phase.DATA.begin()) {
                return take();
            }
        }

        private Batch take() {
            if (!hasNext()) {
                throw new NoSuchElementException("batch " + next + " of " + batches());
            }
            checkOpen(); // closing drops what was not yet begun: waiting for it would never end
            Gathered batch = ahead.remove().join();
            ++next;
            if (ahead.size() + TOGETHER <= AHEAD) {
                prepare(TOGETHER);
            }
            Shape shape = inMemory(batch.count());
            Shape targets = several(batch.count(), ragged ? Shape.of(batch.targetSize()) : dataset.targetShape());
            if (batch.count() != batchSize) {
                return new Batch(
                        examples(Tensor.of(device, batch.values(), shape)),
                        Tensor.of(device, batch.targets(), targets));
            }
            Batch full = places.computeIfAbsent(
                    batch.targetSize(),
                    width -> new Batch(
                            Scope.disown(Tensor.empty(device, DType.FLOAT32, shape)),
                            Scope.disown(Tensor.empty(device, DType.INT64, targets))));
            full.x().set(batch.values());
            used.add(batch.values());
            full.y().set(batch.targets());
            return new Batch(examples(full.x().detach()), full.y().detach());
        }
    }

    private void checkOpen() {
        if (gatherer.isShutdown()) {
            throw new IllegalStateException("the data loader is closed");
        }
    }

    /** Ends the thread that gathers, and frees the memory of full batches when the last of them is closed. */
    @Override
    public void close() {
        gatherer.shutdownNow();
        places.values().forEach(Batch::close);
        places.clear();
    }
}
