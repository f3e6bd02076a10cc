package org.nautile.validate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.io.DataException;
import org.nautile.io.Safetensors;

/**
 * The content of one golden case. Whatever is asked for and is not there, or is not what it should be, is a {@link
 * DataException} that names the file.
 */
final class GoldenFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final Safetensors tensors;
    private final JsonNode attributes;

    private GoldenFile(Path path, Safetensors tensors, JsonNode attributes) {
        this.path = path;
        this.tensors = tensors;
        this.attributes = attributes;
    }

    /**
     * Reads the header.
     *
     * @param path the file
     * @param name what the header must say the case is of, for example {@code batched_matmul}
     */
    static GoldenFile open(Path path, String name) throws IOException {
        Safetensors tensors = Safetensors.open(path);
        String found = tensors.metadata().getOrDefault("op", "nothing");
        if (!found.equals(name)) {
            throw new DataException(path, "a case of " + found + " found, of " + name + " expected");
        }
        String text = tensors.metadata().getOrDefault("attrs", "");
        try {
            JsonNode attributes = JSON.readTree(text);
            if (attributes.isObject()) {
                return new GoldenFile(path, tensors, attributes);
            }
        } catch (JsonProcessingException e) {
            // said below: the reason is the text itself
        }
        throw new DataException(path, "attrs '" + text + "' found, a JSON object expected");
    }

    /** The names of the tensors that start with a prefix. */
    List<String> names(String prefix) {
        return tensors.names().stream()
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }

    boolean has(String name) {
        return tensors.names().contains(name);
    }

    Shape shape(String name) throws DataException {
        if (!has(name)) {
            throw new DataException(path, "no tensor '" + name + "'; there are " + tensors.names());
        }
        return tensors.shape(name);
    }

    /** The elements of a tensor of any type. */
    Object array(String name) throws IOException {
        shape(name);
        return tensors.array(name);
    }

    /** The elements of a float32 tensor. */
    float[] floats(String name) throws IOException {
        if (array(name) instanceof float[] floats) {
            return floats;
        }
        throw new DataException(path, "'" + name + "' is not float32");
    }

    /** The elements of a float32 tensor, as double. */
    double[] doubles(String name) throws IOException {
        return Elements.doubles(floats(name));
    }

    /** The elements of an int64 tensor. */
    long[] longs(String name) throws IOException {
        if (array(name) instanceof long[] longs) {
            return longs;
        }
        throw new DataException(path, "'" + name + "' is not int64");
    }

    /** A tensor on a device. */
    Tensor tensor(String name, Device device) throws IOException {
        return tensor(name, device, Numbers.FLOAT32);
    }

    /** A tensor on a device, its floating elements in a given form. */
    Tensor tensor(String name, Device device, Numbers form) throws IOException {
        Object array = array(name);
        if (DType.ofArray(array) != DType.INT64) {
            array = form.convert(floats(name));
        }
        return Tensor.of(device, array, shape(name));
    }

    /** The only element of a float32 tensor. */
    double scalar(String name) throws IOException {
        float[] values = floats(name);
        if (values.length != 1) {
            throw new DataException(path, "'" + name + "' has " + values.length + " elements, one is expected");
        }
        return values[0];
    }

    /** Compares a tensor with the file's of this name, without magnitudes. */
    Measure compare(String name, Tensor found, Budget budget) throws IOException {
        return compare(name, found.shape(), found.toArray(), budget, null, false);
    }

    /**
     * Compares a result with PyTorch's.
     *
     * @param name PyTorch's result, for example {@code out.y}
     * @param shape the shape found
     * @param found the elements found, an array
     * @param budget how near it must be to the right result; half an ulp is added, as PyTorch's was rounded to float32
     * @param magnitude for budgets that count in terms; null otherwise
     * @param zeros whether nothing but zeros may be right
     */
    Measure compare(String name, Shape shape, Object found, Budget budget, double @Nullable [] magnitude, boolean zeros)
            throws IOException {
        Compare.shape(name, shape(name), shape);
        if (DType.ofArray(found) != DType.FLOAT32) {
            throw new Mismatch(name + ": expected float32, got " + DType.ofArray(found));
        }
        Budget rounded = budget.isExact()
                ? budget
                : new Budget(
                        budget.ulps() + 0.5,
                        budget.absolute(),
                        budget.terms(),
                        budget.norm() + Budget.ROUNDING,
                        budget.reason());
        return Compare.close(name, doubles(name), found, magnitude, rounded, zeros);
    }

    double number(String attribute) throws DataException {
        JsonNode value = attributes.at("/" + attribute); // a slash leads into an object
        if (!value.isNumber()) {
            throw missing(attribute, "a number");
        }
        return value.doubleValue();
    }

    /** A list of whole numbers. */
    int[] integers(String attribute) throws DataException {
        JsonNode value = attributes.path(attribute);
        if (!value.isArray()) {
            throw missing(attribute, "a list of numbers");
        }
        int[] numbers = new int[value.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!value.get(i).isInt()) {
                throw missing(attribute, "a list of numbers");
            }
            numbers[i] = value.get(i).intValue();
        }
        return numbers;
    }

    /** Several numbers. */
    double[] numbers(String attribute) throws DataException {
        JsonNode value = attributes.path(attribute);
        double[] numbers = new double[value.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!value.path(i).isNumber()) {
                throw missing(attribute, "numbers");
            }
            numbers[i] = value.path(i).doubleValue();
        }
        return numbers;
    }

    boolean flag(String attribute) throws DataException {
        JsonNode value = attributes.path(attribute);
        if (!value.isBoolean()) {
            throw missing(attribute, "true or false");
        }
        return value.booleanValue();
    }

    String text(String attribute) throws DataException {
        JsonNode value = attributes.path(attribute);
        if (!value.isTextual()) {
            throw missing(attribute, "a text");
        }
        return value.textValue();
    }

    boolean hasAttribute(String attribute) {
        return attributes.has(attribute);
    }

    /** An attribute that is not one of those known. */
    DataException unknown(String attribute, String value) {
        return new DataException(path, "unknown " + attribute + " '" + value + "'");
    }

    private DataException missing(String attribute, String expected) {
        return new DataException(
                path, "attribute '" + attribute + "' is " + attributes.path(attribute) + ", " + expected + " expected");
    }
}
