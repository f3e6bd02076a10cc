package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.Peaks.Stream;
import org.nautile.bench.works.Description.Kernel;
import org.nautile.bench.works.Description.Layer;
import org.nautile.bench.works.KernelCall.Part;
import org.nautile.bench.works.Traffic.Touch;
import org.nautile.models.Model;
import org.nautile.models.cli.Main;
import org.nautile.op.AttentionOp;
import org.nautile.op.LstmOp;
import org.nautile.op.Op;

/** What {@code nautile describe} counts, against numbers worked out by hand; and that what is predicted follows from it. */
@Timeout(180)
class DescribeTest {
    @TempDir
    private Path folder = Path.of("");

    private static Model model(String name) {
        return Model.all().stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Description describe(Model model, String device, int batch) throws Exception {
        return new Description(StepRun.of(model, device, new StepRun.Settings(batch, null, 1e-3), seconds -> false));
    }

    private static Layer layer(Description description, String name) {
        return description.layers().stream()
                .filter(layer -> layer.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** LeNet: a result of a convolution is a sum of channels x 5 x 5 products, one of a linear layer of as many as it has inputs. */
    @Test
    void layersOfLenetByHand() throws Exception {
        Description lenet = describe(model("cifar-cnn-small"), "cpu", 8);
        Layer first = layer(lenet, "0");
        assertEquals(2.0 * 8 * 28 * 28 * 6 * 3 * 25, first.flops());
        assertEquals(6 * 3 * 25 + 6, first.parameters());
        assertEquals("[8,6,28,28]", first.output());
        assertEquals("Conv2d", first.kind());
        assertEquals(2.0 * 8 * 10 * 10 * 16 * 6 * 25, layer(lenet, "3").flops());
        assertEquals(2.0 * 8 * 400 * 120, layer(lenet, "7").flops());
        assertEquals(2.0 * 8 * 120 * 84, layer(lenet, "9").flops());
        assertEquals(2.0 * 8 * 84 * 10, layer(lenet, "11").flops());
        double forward = 2.0 * 8 * (352_800 + 240_000 + 48_000 + 10_080 + 840);
        assertEquals(forward, lenet.forwardFlops());
        // gradients by weights and by inputs cost as much again, each; but nobody wants that by the pictures
        assertEquals(3 * forward - 2.0 * 8 * 352_800, lenet.flops());
        assertEquals(62_006, lenet.parameterCount());
        assertEquals(4.0 * 62_006, lenet.weightBytes());
        assertEquals(8.0 * lenet.parameterCount(), lenet.optimizerBytes(), 1024); // two averages; memory is padded
        // Adam reads weights, gradients and both averages, and writes all but the gradients
        double updates = lenet.kernels().stream()
                .filter(kernel -> kernel.call().op().equals("adam"))
                .mapToDouble(Kernel::bytes)
                .sum();
        assertEquals(7 * 4.0 * 62_006, updates, 2048);
    }

    @Test
    void aConvolutionOfTheUnetByHand() throws Exception {
        Model unet = model("unet");
        unet.trial(); // two channels on the first level, and crops of 32 x 32
        Description description = describe(unet, "cpu", 2);
        Layer first = description.layers().stream()
                .filter(layer -> layer.kind().equals("Conv2d"))
                .findFirst()
                .orElseThrow();
        assertEquals("[2,2,32,32]", first.output());
        assertEquals(2.0 * 2 * 32 * 32 * 2 * 9, first.flops());
        Layer up = description.layers().stream()
                .filter(layer -> layer.kind().equals("ConvTranspose2d"))
                .findFirst()
                .orElseThrow();
        assertEquals("[2,16,4,4]", up.output()); // from 32 channels of 2 x 2
        assertEquals(2.0 * 2 * 2 * 2 * 32 * 16 * 4, up.flops());
    }

    private static List<KernelCall> calls(Op op, long[]... shapes) {
        Observed observed = new Observed(Device.of("reference").backend());
        Inputs inputs = new Inputs(Device.of("observed", observed));
        try (Scope scope = new Scope()) {
            Tensor[] tensors = new Tensor[shapes.length];
            for (int i = 0; i < shapes.length; i++) {
                tensors[i] = inputs.uniform(shapes[i]);
            }
            observed.clear();
            op.apply(tensors);
            return observed.done().calls();
        }
    }

    @Test
    void anLstmByHand() {
        List<KernelCall> calls = calls(
                new LstmOp(),
                new long[] {7, 3, 5},
                new long[] {24, 5},
                new long[] {24, 6},
                new long[] {24},
                new long[] {24});
        KernelCall lstm = calls.get(calls.size() - 1);
        assertEquals("lstm", lstm.op());
        // seven steps of three sequences: four gates of six units, each a sum over five inputs and six states
        assertEquals(7 * 3 * 4 * 6 * (5 + 6) * 2, KernelCost.of(lstm, "").flops());
        assertEquals(7, KernelCost.of(lstm, "").meetings());
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void attentionByHand(boolean causal) {
        long[] shape = {2, 3, 10, 8};
        List<KernelCall> calls = calls(new AttentionOp(0, causal), shape, shape, shape);
        KernelCall attention = calls.get(calls.size() - 1);
        assertEquals("attention", attention.op());
        // of two examples and three heads, ten queries with ten keys: the scores, and the sums of values, of eight
        // products each
        assertEquals(2 * 3 * 10 * 10 * (8 + 8) * 2, KernelCost.of(attention, "").flops());
    }

    /** What is counted from shapes in Java is what the kernels say themselves. */
    @ParameterizedTest
    @ValueSource(strings = {"cifar-cnn-small", "time-series", "transformer", "mnist-gan", "vit", "sentiment"})
    void countsWhatTheKernelsCount(String name) throws Exception {
        Model model = model(name);
        Description description = describe(model, "cpu", model.trial().batch());
        double products = 0;
        for (Kernel kernel : description.kernels()) {
            Plan.Part part = kernel.part();
            assertNotNull(part, kernel::name);
            assertEquals(part.flops(), kernel.flops(), kernel::name);
            products += part.flops();
            for (KernelCost.Term term :
                    KernelCost.of(kernel.call(), part.algorithm()).terms()) {
                assertTrue(Efficiency.knows(term.kind()), term::kind);
            }
        }
        assertTrue(products > 0);
        assertEquals(description.step().parts().size(), description.kernels().size());
    }

    /** Each parameter belongs to a layer, and to one only; nothing but sums and the seed of the gradients is left over. */
    @ParameterizedTest
    @ValueSource(strings = {"backprop", "mnist-mlp", "cifar-cnn-small", "flow-2d"})
    void everyParameterIsInALayer(String name) throws Exception {
        Model model = model(name);
        Description description =
                describe(model, "reference", Math.min(4, model.defaults().batch()));
        assertEquals(model.parameters(), description.parameterCount());
        assertEquals(
                model.parameters(),
                description.layers().stream().mapToLong(Layer::parameters).sum());
        for (Kernel kernel : description.kernels()) {
            String owner = description.layers().get(kernel.layer()).name();
            boolean ofOptimizer = kernel.call().site().part() == Part.OPTIMIZER;
            assertEquals(ofOptimizer, owner.equals("(optimizer)"), kernel::name);
            if (kernel.call().op().equals("linear")) {
                KernelCall call = kernel.call();
                Layer layer = description.layers().get(kernel.layer());
                assertEquals("Linear", layer.kind());
                assertEquals(call.shape(1).dim(0), lastOf(layer.output()), kernel::name);
            }
        }
    }

    private static long lastOf(String shape) {
        return Long.parseLong(shape.substring(shape.lastIndexOf(',') + 1, shape.length() - 1));
    }

    @Test
    void fusedKernelsAreFound() {
        List<Plan.Part> before = List.of(
                part("linear forward", 8, 100),
                part("activation forward", 2, 0),
                part("linear forward", 4, 50),
                part("activation forward", 1, 0),
                part("scale forward", 1, 0));
        List<Plan.Part> after = List.of(
                part("linear forward", 8, 100),
                part("activation forward", 2, 0),
                part("linear forward + activation", 4, 50),
                part("scale forward", 1, 0));
        assertArrayEquals(new int[] {0, 1, 2, -1, 3}, Fusion.places(before, after));
        assertThrows(IllegalStateException.class, () -> Fusion.places(before, List.of(part("softmax forward", 1, 0))));
    }

    private static Plan.Part part(String name, long tasks, double flops) {
        return new Plan.Part(name, tasks, 0, false, 0, flops, "");
    }

    private static Roof roof() {
        return new Roof(
                100,
                List.of(
                        new Roof.Level("L1", 1000, rate(200)),
                        new Roof.Level("L2", 10_000, rate(100)),
                        new Roof.Level("memory", Long.MAX_VALUE, rate(10))));
    }

    private static Map<Stream, Double> rate(double gbps) {
        Map<Stream, Double> rates = new EnumMap<>(Stream.class);
        for (Stream stream : Stream.values()) {
            rates.put(stream, gbps);
        }
        return rates;
    }

    @Test
    void dataThatIsFartherTakesLonger() {
        assertEquals(500 / 200e9, roof().seconds(500, 800), 1e-15);
        // a quarter is still in the nearest cache, the rest in the next
        assertEquals(1000 / 200e9 + 3000 / 100e9, roof().seconds(4000, 4000), 1e-15);
        // of 20 000 bytes, 1000 and 9000 are in caches
        assertEquals(1000 / 200e9 + 9000 / 100e9 + 10_000 / 10e9, roof().seconds(20_000, 20_000), 1e-15);
    }

    @Test
    void aKernelTakesWhatItIsBoundBy() {
        Processor processor = new Processor(roof(), roof(), 1, 0, 0);
        Seconds bound = processor.seconds(1e6, List.of(new Touch(500, 500)), 1, false);
        assertEquals(1e6 / 100e9, bound.arithmetic(), 1e-12);
        assertEquals(0, bound.memory());
        Seconds moving = processor.seconds(10, List.of(new Touch(1e6, 1e6)), 1, false);
        assertEquals(0, moving.arithmetic());
        assertEquals(roof().seconds(1e6, 1e6), moving.memory(), 1e-12);
        assertEquals(Processor.KERNEL, moving.overhead());
    }

    /** Three tasks on two threads take as long as four; one task is for one thread, however many there are. */
    @Test
    void threadsWaitForTheLastTask() {
        Roof team = new Roof(200, roof().levels());
        Processor two = new Processor(roof(), team, 2, 0, 0);
        double whole = 1e6 / 200e9;
        assertEquals(whole, two.seconds(1e6, List.of(), 2, true).arithmetic(), 1e-12);
        assertEquals(whole * 4 / 3, two.seconds(1e6, List.of(), 3, true).arithmetic(), 1e-12);
        assertEquals(2 * whole, two.seconds(1e6, List.of(), 1, true).arithmetic(), 1e-12);
        assertEquals(2 * whole, two.seconds(1e6, List.of(), 2, false).arithmetic(), 1e-12);
        Processor four = new Processor(roof(), new Roof(400, roof().levels()), 4, 0, 0);
        assertEquals(1e6 / 200e9, four.seconds(1e6, List.of(), 2, true).arithmetic(), 1e-12); // two have nothing to do
        // each of two threads reads a half from its own cache, however much all four could read
        Roof wide = new Roof(400, List.of(new Roof.Level("memory", Long.MAX_VALUE, rate(800))));
        Roof narrow = new Roof(100, List.of(new Roof.Level("memory", Long.MAX_VALUE, rate(200))));
        Processor reading = new Processor(narrow, wide, 4, 0, 0);
        assertEquals(
                1e6 / 400e9,
                reading.seconds(0, List.of(new Touch(1e6, 1e6)), 2, true).memory(),
                1e-12);
    }

    /** Two threads meet before what both compute and after it, but not between kernels that one of them runs. */
    @Test
    void threadsMeetWhereAPlanLetsThem() {
        Processor two = new Processor(roof(), roof(), 2, 1e-6, 0);
        List<Kernel> kernels =
                List.of(kernel(1, 0), kernel(1, 0), kernel(2, 0), kernel(2, 10), kernel(1, 0), kernel(1, 10));
        assertArrayEquals(new double[] {1, 0, 1, 11, 1, 0}, meetings(two.seconds(kernels, true)), 1e-6);
        assertArrayEquals(new double[6], meetings(two.seconds(kernels, false)), 1e-6);
        Processor one = new Processor(roof(), roof(), 1, 1e-6, 0);
        assertArrayEquals(new double[6], meetings(one.seconds(kernels, true)), 1e-6);
    }

    private static double[] meetings(List<Seconds> kernels) {
        return kernels.stream()
                .mapToDouble(kernel -> 1e6 * (kernel.overhead() - Processor.KERNEL))
                .toArray();
    }

    private static Kernel kernel(long tasks, double meetings) {
        KernelCall call = new KernelCall("", "forward", List.of(), new KernelCall.Site(Part.FORWARD, "", 0), 0, 1);
        return new Kernel(call, part("", tasks, 0), 0, 0, meetings, List.of(), 0);
    }

    /** Two rounds where nothing gets better; as long as roofs or step do, but not for ever; and the best roofs are kept. */
    @ParameterizedTest
    @CsvSource({
        "100 100 100, 9 9, 2",
        "100 100 200 200, 9 9 9, 3",
        "100 200 100 100, 9 8 8, 3",
        "200 100 100 100 100, 9 8 7 6.9, 4",
        "200 100 100 100 100 100 100, 9 8 7 6 5 4, 6"
    })
    void roofsAndStepAreMeasuredUntilNeitherGetsBetter(String gflops, String seconds, int expected) {
        Iterator<Double> rates = numbers(gflops);
        Rounds rounds = new Rounds(() -> new Processor(roof(), new Roof(rates.next(), roof().levels()), 2, 0, 0));
        Iterator<Double> steps = numbers(seconds);
        int count = 1;
        while (rounds.test(steps.next())) {
            count++;
        }
        assertEquals(expected, count);
        assertEquals(
                gflops.contains("200") ? 200 : 100, rounds.processor().team().gflops());
    }

    private static Iterator<Double> numbers(String line) {
        return Arrays.stream(line.split(" ", -1)).map(Double::valueOf).iterator();
    }

    /** The speed of a loop of 1 us a round is found although threads must be woken for the first runs, or for every one. */
    @ParameterizedTest
    @CsvSource({"3, 0.99", "1000000, 0.85"})
    void wakingThreadsHidesNoRoof(int slow, double least) {
        AtomicLong now = new AtomicLong();
        AtomicLong runs = new AtomicLong();
        double found = Roof.best(
                0.01,
                rounds -> {
                    now.addAndGet(1000 * rounds + 300 + (runs.incrementAndGet() <= slow ? 2_000_000 : 0));
                    return rounds;
                },
                now::get);
        assertTrue(found <= 1e6 && found >= least * 1e6, () -> found + " rounds a second");
    }

    /** Kernels of empty tensors, as of a batch without examples, take a time that is a number. */
    @Test
    void emptyTensorsTakeNoTime() {
        try (Scope scope = new Scope()) {
            Tensor queries = empty(2, 3, 4, 8);
            Tensor keys = empty(2, 3, 0, 8);
            for (KernelCall call : List.of(
                    call("attention", queries, keys, keys, null, queries, null, 0.5, false),
                    call("linear", empty(3, 0), empty(4, 0), empty(4), empty(3, 4)),
                    call("softmax", empty(0, 5), empty(0, 5)),
                    call("batch_norm", empty(4, 0, 2, 2), empty(4, 0, 2, 2)))) {
                KernelCost cost = KernelCost.of(call, "");
                assertEquals(0, cost.flops());
                double operations = Efficiency.operations(cost.terms());
                assertTrue(operations >= 0 && operations < 1e4, call.op() + cost);
            }
        }
    }

    private static Tensor empty(long... dims) {
        return Tensor.empty(Device.of("reference"), DType.FLOAT32, Shape.of(dims));
    }

    private static KernelCall call(String op, @Nullable Object... arguments) {
        KernelCall.Site site = new KernelCall.Site(Part.FORWARD, "", 0);
        return new KernelCall(op, "forward", KernelCall.flattened(arguments), site, 0, 1);
    }

    private record Outcome(int code, String out, String err) {
        static Outcome of(String... args) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            int code = Main.run(args, new PrintWriter(out), new PrintWriter(err));
            return new Outcome(code, out.toString(), err.toString());
        }
    }

    @Test
    void tableJsonAndPage() throws Exception {
        Path json = folder.resolve("backprop.json");
        Path page = folder.resolve("page");
        Outcome outcome = Outcome.of(("describe backprop --device reference --budget 0.001 --kernels --gpu h200 --json "
                        + json + " --out " + page)
                .split(" ", -1));
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().contains("972 parameters"), outcome::out);
        assertTrue(outcome.out().contains("NVIDIA H200: not here, and not measured"), outcome::out);
        JsonNode found = new ObjectMapper().readTree(Files.readAllBytes(json));
        assertEquals(972, found.path("parameters").asLong());
        assertEquals(1, found.path("batch").asInt());
        double forward = 2 * (49 * 16 + 16 * 8 + 8 * 4);
        assertEquals(forward, found.path("forward_flops").asDouble());
        assertEquals(3 * forward - 2 * 49 * 16, found.path("step_flops").asDouble());
        long sum = 0;
        for (JsonNode layer : found.path("layers")) {
            sum += layer.path("parameters").asLong();
        }
        assertEquals(972, sum);
        JsonNode reference = found.path("devices").path(0);
        assertEquals("reference", reference.path("device").asText());
        assertTrue(reference.path("predicted_seconds").isNull()); // plain Java has no roofs
        assertTrue(reference.path("measured_seconds").asDouble() > 0);
        assertEquals(
                "linear forward", reference.path("kernels").path(0).path("name").asText());
        JsonNode h200 = found.path("devices").path(1);
        assertEquals("h200", h200.path("device").asText());
        assertTrue(h200.path("predicted_seconds").asDouble() > 0);
        assertTrue(h200.path("measured_seconds").isNull());
        assertTrue(Files.readString(page.resolve("index.html")).contains("972 parameters"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "describe",
                "describe xyzzy",
                "describe mnist-mlp --gpu xyzzy",
                "describe mnist-mlp --batch-size 0",
                "describe mnist-mlp --budget 0",
                "describe mnist-mlp --classes 11",
                "describe mnist-mlp --device cpu,xyzzy"
            })
    void wrongUsageIsOneLine(String line) {
        Outcome outcome = Outcome.of(line.split(" ", -1));
        assertEquals(2, outcome.code(), outcome::toString);
        assertEquals(1, outcome.err().lines().count(), outcome::toString);
    }

    @Test
    void aFileInTheWayOfThePageIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Outcome outcome = Outcome.of("describe", "backprop", "--out", file.toString());
        assertEquals(1, outcome.code(), outcome::toString);
        assertEquals(1, outcome.err().lines().count(), outcome::toString);
    }
}
