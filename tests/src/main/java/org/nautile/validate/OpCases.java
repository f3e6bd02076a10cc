package org.nautile.validate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.nautile.backend.KernelType;
import org.nautile.jni.Ntl;

/** The cases of an op. For each op of {@code native/ops.def} there is a class {@code <Op>Cases} in {@code validate.op}. */
public interface OpCases {
    /**
     * The cases: sizes pairwise different and not round, the edges of the kernels, every parameter, extreme values.
     *
     * @return at least one
     */
    List<OpCase> cases();

    /**
     * The ops there are.
     *
     * @return the names in native/ops.def, sorted
     */
    static List<String> ops() {
        try (InputStream in = Objects.requireNonNull(Ntl.class.getResourceAsStream("ops.def"), "ops.def")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("ops.def", e);
        }
    }

    /**
     * The cases of an op.
     *
     * @param op one of {@link #ops}
     * @return its cases
     */
    static List<OpCase> of(String op) {
        String name = OpCases.class.getPackageName() + ".op." + KernelType.className(op) + "Cases";
        try {
            return Class.forName(name)
                    .asSubclass(OpCases.class)
                    .getDeclaredConstructor()
                    .newInstance()
                    .cases();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(op + ": no cases (class " + name + ")", e);
        }
    }
}
