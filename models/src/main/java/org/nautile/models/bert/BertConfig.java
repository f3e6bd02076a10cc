package org.nautile.models.bert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.io.DataException;
import org.nautile.io.Json;
import org.nautile.io.TextFile;

/**
 * The sizes of a BERT, and its file config.json as Hugging Face writes it.
 *
 * @param vocabulary tokens V
 * @param hidden the numbers H of a token's state, a multiple of the heads
 * @param layers encoder blocks
 * @param heads of an attention
 * @param inner the numbers between the two layers of a feed-forward part
 * @param positions the most tokens of an input
 * @param types the texts that an input may hold
 * @param normEps what layer norms add to the variance
 * @param dropout the share of numbers dropped in training, after embeddings, attention and feed-forward parts, from 0
 *     to less than 1; attention weights are not dropped
 */
public record BertConfig(
        int vocabulary,
        int hidden,
        int layers,
        int heads,
        int inner,
        int positions,
        int types,
        double normEps,
        double dropout) {
    /** The file's name in the folder of a checkpoint. */
    public static final String FILE = "config.json";

    private static final double USUAL_EPS = 1e-12;
    private static final double USUAL_DROPOUT = 0.1;

    /**
     * Checks the sizes.
     *
     * @param vocabulary tokens, {@code >= 1}
     * @param hidden the numbers of a state, a multiple of the heads
     * @param layers encoder blocks, {@code >= 1}
     * @param heads of an attention, {@code >= 1}
     * @param inner the numbers between the layers of a feed-forward part, {@code >= 1}
     * @param positions the most tokens of an input, {@code >= 1}
     * @param types the texts of an input, {@code >= 1}
     * @param normEps {@code > 0}
     * @param dropout from 0 to less than 1
     * @throws IllegalArgumentException if one is out of its range
     */
    public BertConfig {
        Map<String, Integer> sizes = Map.of(
                "vocab_size", vocabulary,
                "hidden_size", hidden,
                "num_hidden_layers", layers,
                "num_attention_heads", heads,
                "intermediate_size", inner,
                "max_position_embeddings", positions,
                "type_vocab_size", types);
        sizes.forEach((name, value) -> {
            if (value < 1) {
                throw new IllegalArgumentException(name + " " + value + " found, at least 1 expected");
            }
        });
        if (hidden % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size " + hidden + " found, a multiple of num_attention_heads " + heads + " expected");
        }
        if (!(normEps > 0)) {
            throw new IllegalArgumentException("layer_norm_eps " + normEps + " found, a number > 0 expected");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(
                    "hidden_dropout_prob " + dropout + " found, from 0 to less than 1 expected");
        }
    }

    /**
     * The sizes of BERT-base, uncased: 110 million parameters.
     *
     * @return with a vocabulary of 30 522 tokens
     */
    public static BertConfig base() {
        return new BertConfig(30_522, 768, 12, 12, 3072, 512, 2, USUAL_EPS, USUAL_DROPOUT);
    }

    /**
     * Reads a config.json.
     *
     * @param file of a BERT with GELU and learned absolute positions
     * @return the sizes
     * @throws DataException if a field is missing, out of its range, or of another kind of network; it is named
     * @throws IOException if the file cannot be read
     */
    public static BertConfig read(Path file) throws IOException {
        try {
            if (!(Json.parse(TextFile.read(file)) instanceof Map<?, ?> fields)) {
                throw new IllegalArgumentException("no JSON object found");
            }
            only(fields, "model_type", "bert");
            only(fields, "hidden_act", "gelu");
            only(fields, "position_embedding_type", "absolute");
            return new BertConfig(
                    size(fields, "vocab_size"),
                    size(fields, "hidden_size"),
                    size(fields, "num_hidden_layers"),
                    size(fields, "num_attention_heads"),
                    size(fields, "intermediate_size"),
                    size(fields, "max_position_embeddings"),
                    fields.containsKey("type_vocab_size") ? size(fields, "type_vocab_size") : 2,
                    number(fields, "layer_norm_eps", USUAL_EPS),
                    number(fields, "hidden_dropout_prob", USUAL_DROPOUT));
        } catch (IllegalArgumentException e) {
            DataException problem = new DataException(file, String.valueOf(e.getMessage()));
            problem.initCause(e);
            throw problem;
        }
    }

    private static void only(Map<?, ?> fields, String name, String expected) {
        Object found = fields.get(name);
        if (found != null && !found.equals(expected)) {
            throw new IllegalArgumentException(name + " '" + found + "' found, '" + expected + "' expected");
        }
    }

    private static int size(Map<?, ?> fields, String name) {
        Object found = fields.get(name);
        if (found instanceof Long value && value >= 1 && value <= Integer.MAX_VALUE) {
            return value.intValue();
        }
        throw new IllegalArgumentException(found(name, found) + ", a whole number >= 1 expected");
    }

    private static double number(Map<?, ?> fields, String name, double usual) {
        Object found = fields.get(name);
        if (found == null) {
            return usual;
        }
        if (found instanceof Number value) {
            return value.doubleValue();
        }
        throw new IllegalArgumentException(found(name, found) + ", a number expected");
    }

    private static String found(String name, @Nullable Object value) {
        return value == null ? "no field " + name + " found" : name + " " + value + " found";
    }

    /**
     * The text of a config.json that {@link #read} and Hugging Face read.
     *
     * @return JSON
     */
    public String json() {
        return String.join(
                "\n",
                List.of(
                        "{",
                        "  \"architectures\": [\"BertForPreTraining\"],",
                        "  \"model_type\": \"bert\",",
                        "  \"vocab_size\": " + vocabulary + ",",
                        "  \"hidden_size\": " + hidden + ",",
                        "  \"num_hidden_layers\": " + layers + ",",
                        "  \"num_attention_heads\": " + heads + ",",
                        "  \"intermediate_size\": " + inner + ",",
                        "  \"max_position_embeddings\": " + positions + ",",
                        "  \"type_vocab_size\": " + types + ",",
                        "  \"layer_norm_eps\": " + normEps + ",",
                        "  \"hidden_act\": \"gelu\",",
                        "  \"hidden_dropout_prob\": " + dropout + ",",
                        "  \"attention_probs_dropout_prob\": 0.0",
                        "}",
                        ""));
    }
}
