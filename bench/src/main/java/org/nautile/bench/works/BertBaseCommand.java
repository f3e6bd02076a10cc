package org.nautile.bench.works;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.autograd.Autograd;
import org.nautile.io.Safetensors;
import org.nautile.models.Weights;
import org.nautile.models.bert.BertConfig;
import org.nautile.models.bert.BertModel;
import org.nautile.models.bert.Checkpoint;
import org.nautile.models.cli.DeviceOption;
import org.nautile.models.cli.OutputFiles;
import org.nautile.models.cli.Refusal;
import org.nautile.models.cli.Subcommand;
import org.nautile.models.cli.ThreadsOption;
import org.nautile.models.comparison.Quantiles;
import org.nautile.op.SliceOp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times BERT's forward pass, and says how much memory the process took for it. */
@Command(
        name = "bert-base",
        sortOptions = false,
        header = "Time a BERT of the size of BERT-base, and measure its memory.",
        description = "The encoder reads one text that has as many tokens as its places allow, 128 at most. Median and"
                + " quartiles of the runs; of memory, the most that the process had (Linux).")
public final class BertBaseCommand implements Subcommand {
    private static final int LENGTH = 128;
    private static final int WARM_UP = 3; // runs
    private static final double MEGA = 1e6;
    private static final Path STATUS = Path.of("/proc/self/status");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--checkpoint",
            paramLabel = "DIR",
            description = "A BERT to load, of any size. Default: random weights of BERT-base's size.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Write the weights to this folder, as a checkpoint to load. Default: nowhere.")
    private @Nullable Path save;

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Mixin
    private ThreadsOption threads = new ThreadsOption();

    @Option(names = "--runs", paramLabel = "N", description = "Runs that are timed. Default: ${DEFAULT-VALUE}.")
    private int runs = 20;

    /** For {@link java.util.ServiceLoader}. */
    public BertBaseCommand() {}

    @Override
    public Integer call() throws IOException {
        Refusal.below(1, "--runs", runs, spec.commandLine());
        threads.use();
        device.check();
        device.use();
        Device chosen = Device.defaultDevice();
        if (save != null) {
            OutputFiles.checkFolder(save);
        }
        PrintWriter out = spec.commandLine().getOut();
        long start = System.nanoTime();
        Generator random = new Generator(1, 0);
        try (BertModel bert = checkpoint == null
                ? new BertModel(BertConfig.base(), random)
                : Checkpoint.open(checkpoint).encoder(random)) {
            double seconds = (System.nanoTime() - start) * 1e-9;
            double weights = 4.0 * bert.parameterCount();
            out.println(String.format(
                    Locale.ROOT,
                    "%d parameters, %.0f MB, on %s (%s), %d threads",
                    bert.parameterCount(),
                    weights / MEGA,
                    chosen,
                    chosen.backend().description(),
                    Threads.count()));
            out.println(String.format(
                    Locale.ROOT, "%s in %.1f s%s", checkpoint == null ? "drawn" : "loaded", seconds, memory(weights)));
            if (save != null) {
                save(bert, save);
            }
            bert.train(false);
            int length = Math.min(LENGTH, bert.config().positions());
            double[] times = new double[WARM_UP + runs];
            for (int i = 0; i < times.length; i++) {
                times[i] = milliseconds(bert, length);
            }
            String used = memory(weights);
            verify(bert, length);
            Quantiles timed = Quantiles.of(DoubleStream.of(Arrays.copyOfRange(times, WARM_UP, times.length)));
            out.println(String.format(
                    Locale.ROOT, "forward pass of 1 x %d tokens: %s ms, %d runs%s", length, timed.text(1), runs, used));
            out.flush();
        }
        return 0;
    }

    private static long[] ids(BertModel bert, int length) {
        long[] ids = new long[length];
        Arrays.setAll(ids, i -> i % bert.config().vocabulary());
        return ids;
    }

    /** A wrong answer has no speed: tokens alone have the states that they have beside others which are not seen. */
    private static void verify(BertModel bert, int length) {
        int read = Math.max(1, length / 2);
        long[] ids = ids(bert, length);
        byte[] seen = new byte[length];
        Arrays.fill(seen, 0, read, (byte) 1);
        Device device = Device.defaultDevice();
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor alone = bert.forward(Tensor.of(device, Arrays.copyOf(ids, read), Shape.of(1, read)));
            Tensor mask = Tensor.of(device, seen, Shape.of(1, length));
            Tensor filled = bert.states(Tensor.of(device, ids, Shape.of(1, length)), null, mask);
            Comparison.requireClose(
                    "bert-base",
                    alone,
                    Autograd.apply(new SliceOp(1, 0, read), filled).contiguous());
        }
    }

    private static double milliseconds(BertModel bert, int length) {
        long[] ids = ids(bert, length);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor x = Tensor.of(Device.defaultDevice(), ids, Shape.of(1, length));
            long start = System.nanoTime();
            bert.forward(x);
            Device.defaultDevice().backend().synchronize();
            return (System.nanoTime() - start) * 1e-6;
        }
    }

    /** The most memory so far, also in weights; nothing where the system does not say. */
    private static String memory(double weights) throws IOException {
        if (!Files.isReadable(STATUS)) {
            return "";
        }
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmHWM:")) {
                double bytes = 1024.0 * Long.parseLong(line.replaceAll("\\D", ""));
                return String.format(
                        Locale.ROOT, "; memory at most %.0f MB, %.2f times the weights", bytes / MEGA, bytes / weights);
            }
        }
        return "";
    }

    private static void save(BertModel bert, Path folder) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        bert.parameters().forEach((name, parameter) -> tensors.put(name, parameter.value()));
        Safetensors.write(folder.resolve(Weights.FILE), tensors);
        OutputFiles.write(folder.resolve(BertConfig.FILE), bert.config().json().getBytes(StandardCharsets.UTF_8));
    }
}
