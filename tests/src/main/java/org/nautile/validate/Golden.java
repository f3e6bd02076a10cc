package org.nautile.validate;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.io.DataException;

/**
 * A case whose right results are PyTorch's: one safetensors file {@code <name>/<case>.safetensors}. Its header names the
 * operation ({@code op}) and its parameters ({@code attrs}, JSON); its tensors are the inputs {@code in.*}, the outputs {@code
 * out.*}, the gradients by the outputs {@code up.*}, and the gradients {@code grad.*} of {@code sum(out * up)} by the inputs.
 * PyTorch computed in float64 from the float32 inputs; the results are stored as float32.
 *
 * <p>Every operation that PyTorch was asked for has cases, also those that Nautile has no op for yet: these are listed, and are
 * not {@link #supported}.
 */
public final class Golden {
    private static final String RESOURCES = "golden/";
    private static final String INDEX = "index.txt";
    private static final String SUFFIX = ".safetensors";

    private final String name;
    private final @Nullable Path file;

    /**
     * A case.
     *
     * @param name {@code <name>/<case>}
     * @param file where it is; null for the resources of this class
     */
    private Golden(String name, @Nullable Path file) {
        this.name = name;
        this.file = file;
    }

    /**
     * The cases that come with Nautile.
     *
     * @return sorted by name
     */
    public static List<Golden> builtIn() {
        try (InputStream in = resource(INDEX);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.lines().map(line -> new Golden(stem(line), null)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The cases of a folder.
     *
     * @param folder holds a folder for each operation
     * @return sorted by name
     * @throws DataException if it holds none
     * @throws IOException if it cannot be read
     */
    public static List<Golden> in(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new DataException(
                    folder, "not a folder; one with golden cases <op>/<case>" + SUFFIX + " is expected");
        }
        try (Stream<Path> files = Files.walk(folder, 2)) {
            List<Golden> cases = files.filter(path -> path.toString().endsWith(SUFFIX))
                    .map(path -> folder.relativize(path))
                    .filter(path -> path.getNameCount() == 2)
                    .map(path -> new Golden(stem(path.getName(0) + "/" + path.getName(1)), folder.resolve(path)))
                    .sorted((a, b) -> a.name.compareTo(b.name))
                    .toList();
            if (cases.isEmpty()) {
                throw new DataException(folder, "no golden cases found, files <op>/<case>" + SUFFIX + " expected");
            }
            return cases;
        }
    }

    private static String stem(String path) {
        return path.substring(0, path.length() - SUFFIX.length());
    }

    private static InputStream resource(String path) throws FileNotFoundException {
        InputStream in = Golden.class.getClassLoader().getResourceAsStream(RESOURCES + path);
        if (in == null) {
            throw new FileNotFoundException("resource " + RESOURCES + path);
        }
        return in;
    }

    /**
     * The name of the case, unique among those of one place.
     *
     * @return for example {@code "matmul/3_nt"}
     */
    public String name() {
        return name;
    }

    /**
     * What is checked: the op by its name in native/ops.def, or the model by its name on the command line. A case that is not
     * {@link #supported} has PyTorch's name.
     *
     * @return for example {@code "matmul"}
     */
    public String op() {
        GoldenTable.Entry entry = GoldenTable.find(name);
        return entry == null ? group() : entry.op();
    }

    /**
     * Whether there is something to check: what the case needs has been built.
     *
     * @return false if not
     */
    public boolean supported() {
        return GoldenTable.find(name) != null;
    }

    /**
     * Computes the case, forward and backward, and compares.
     *
     * @param device where to compute
     * @return how near the results are to PyTorch's
     * @throws Mismatch if they are not near enough, or the file is damaged
     * @throws IllegalStateException if the case is not {@link #supported}
     */
    public Measure check(Device device) {
        GoldenTable.Entry entry = GoldenTable.find(name);
        if (entry == null) {
            throw new IllegalStateException(name + ": not built yet");
        }
        try {
            return file != null ? check(entry, device, file) : checkCopy(entry, device);
        } catch (Mismatch e) {
            throw mismatch(e.getMessage(), e);
        } catch (IOException | IllegalArgumentException e) { // the latter are shapes, types and labels that do not fit
            throw mismatch("cannot be used: " + e.getMessage(), e);
        }
    }

    private Measure check(GoldenTable.Entry entry, Device device, Path path) throws IOException {
        return entry.test().run(GoldenFile.open(path, group()), device);
    }

    /** Checks a resource, which may be part of a jar, through a copy: the reader wants a file. */
    private Measure checkCopy(GoldenTable.Entry entry, Device device) throws IOException {
        Path copy = Files.createTempFile("golden-" + name.replace('/', '-') + '-', SUFFIX);
        try (InputStream in = resource(name + SUFFIX)) {
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return check(entry, device, copy);
        } finally {
            Files.delete(copy);
        }
    }

    private Mismatch mismatch(@Nullable String message, Throwable cause) {
        Mismatch mismatch = new Mismatch((file == null ? name : file) + ": " + message);
        mismatch.initCause(cause);
        return mismatch;
    }

    /** The operation, as PyTorch's cases name it. */
    private String group() {
        return name.substring(0, name.indexOf('/'));
    }

    @Override
    public String toString() {
        return name;
    }
}
