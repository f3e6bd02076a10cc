package org.nautile.models.bert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.data.WordPiece;
import org.nautile.io.DataException;
import org.nautile.io.Json;
import org.nautile.io.Safetensors;
import org.nautile.io.TextFile;
import org.nautile.nn.Module;

/**
 * A folder with a trained BERT, as Hugging Face and {@code nautile train bert} leave it: config.json, vocab.txt and
 * model.safetensors, or model.safetensors.index.json and the files it names. Names of tensors may begin with
 * {@code bert.} or not, and norms have weight and bias, or gamma and beta.
 */
public final class Checkpoint {
    /** The vocabulary's name in the folder: a token a line. */
    public static final String VOCABULARY = "vocab.txt";

    /** Says whether the vocabulary tells capital letters; without it, it does not. */
    private static final String TOKENIZER = "tokenizer_config.json";

    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String ENCODER = "bert.";
    private static final String BIAS = "cls.predictions.bias";
    private static final String DECODER_BIAS = "cls.predictions.decoder.bias";
    private static final int NAMED = 6; // of tensors that do not fit

    /** What is no weight, or is there once more. */
    private static final Set<String> IGNORED =
            Set.of("embeddings.position_ids", "cls.predictions.decoder.weight", DECODER_BIAS);

    private final Path folder;
    private final BertConfig config;
    private final Path file; // whose names are these
    private final Map<String, Saved> tensors; // by the names that Hugging Face has now, without bert.

    /** Where a tensor is. */
    private record Saved(Safetensors file, String name) {
        Shape shape() {
            return file.shape(name);
        }

        DType dtype() {
            return file.dtype(name);
        }
    }

    /**
     * What a checkpoint has beside its weights.
     *
     * @param config the network's sizes
     * @param tokenizer its vocabulary
     * @return texts by the names of their files
     */
    public static Map<String, String> files(BertConfig config, WordPiece tokenizer) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(BertConfig.FILE, config.json());
        files.put(VOCABULARY, String.join("\n", tokenizer.vocabulary()) + "\n");
        files.put(TOKENIZER, "{\"do_lower_case\": " + tokenizer.lowerCase() + "}\n");
        return files;
    }

    private Checkpoint(Path folder, BertConfig config, Path file, Map<String, Saved> tensors) {
        this.folder = folder;
        this.config = config;
        this.file = file;
        this.tensors = tensors;
    }

    /**
     * Opens a folder. The weights are not yet read.
     *
     * @param folder the folder
     * @return the checkpoint
     * @throws DataException if a file is missing or not what it should be
     * @throws IOException if a file cannot be read
     */
    public static Checkpoint open(Path folder) throws IOException {
        if (!Files.isRegularFile(folder.resolve(BertConfig.FILE))) {
            throw new DataException(folder, "no " + BertConfig.FILE + " found, the folder of a BERT expected");
        }
        BertConfig config = BertConfig.read(folder.resolve(BertConfig.FILE));
        Path weights = folder.resolve(WEIGHTS);
        Path index = folder.resolve(INDEX);
        Map<String, Saved> tensors = new LinkedHashMap<>();
        if (Files.isRegularFile(weights)) {
            Safetensors saved = Safetensors.open(weights);
            for (String name : saved.names()) {
                add(tensors, weights, new Saved(saved, name));
            }
            return new Checkpoint(folder, config, weights, tensors);
        }
        if (!Files.isRegularFile(index)) {
            throw new DataException(folder, "neither " + WEIGHTS + " nor " + INDEX + " found, one of them expected");
        }
        Map<String, Safetensors> shards = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : shards(index).entrySet()) {
            Safetensors shard = shards.get(entry.getValue());
            if (shard == null) {
                Path part = folder.resolve(entry.getValue());
                if (!Files.isRegularFile(part)) {
                    throw new DataException(index, "names " + entry.getValue() + ", which is not in the folder");
                }
                shard = Safetensors.open(part);
                shards.put(entry.getValue(), shard);
            }
            if (!shard.names().contains(entry.getKey())) {
                throw new DataException(
                        index, "says that " + entry.getKey() + " is in " + entry.getValue() + ", where it is not");
            }
            add(tensors, index, new Saved(shard, entry.getKey()));
        }
        return new Checkpoint(folder, config, index, tensors);
    }

    /** The file of each tensor. */
    private static Map<String, String> shards(Path index) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        try {
            Object json = Json.parse(TextFile.read(index));
            if (!(json instanceof Map<?, ?> fields && fields.get("weight_map") instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("no object weight_map found");
            }
            map.forEach((name, part) -> {
                if (!(part instanceof String text) || !text.matches("[^/\\\\]+\\.safetensors")) {
                    throw new IllegalArgumentException("weight_map: " + name + ": " + part
                            + " found, the name of a safetensors file in the folder expected");
                }
                files.put((String) name, text);
            });
        } catch (IllegalArgumentException e) {
            DataException problem = new DataException(index, String.valueOf(e.getMessage()));
            problem.initCause(e);
            throw problem;
        }
        return files;
    }

    private static void add(Map<String, Saved> tensors, Path file, Saved saved) throws DataException {
        Saved other = tensors.put(today(saved.name()), saved);
        if (other != null) {
            throw new DataException(file, other.name() + " and " + saved.name() + " found, which are the same");
        }
    }

    /** The name that Hugging Face gives it now, without the encoder's. */
    private static String today(String name) {
        String inner = name.startsWith(ENCODER) ? name.substring(ENCODER.length()) : name;
        return inner.replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight")
                .replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
    }

    /**
     * The sizes.
     *
     * @return those of config.json
     */
    public BertConfig config() {
        return config;
    }

    /**
     * Reads the vocabulary.
     *
     * @return the tokenizer, which makes all letters small unless tokenizer_config.json says otherwise
     * @throws DataException if it is not one, or has not as many tokens as config.json says
     * @throws IOException if it cannot be read
     */
    public WordPiece vocabulary() throws IOException {
        Path vocabulary = folder.resolve(VOCABULARY);
        WordPiece tokenizer = isCased() ? WordPiece.cased(vocabulary) : WordPiece.uncased(vocabulary);
        if (tokenizer.size() != config.vocabulary()) {
            throw new DataException(
                    vocabulary,
                    tokenizer.size() + " tokens found, " + config.vocabulary() + " expected: vocab_size in "
                            + folder.resolve(BertConfig.FILE));
        }
        return tokenizer;
    }

    private boolean isCased() throws IOException {
        Path settings = folder.resolve(TOKENIZER);
        if (!Files.isRegularFile(settings)) {
            return false;
        }
        try {
            return Json.parse(TextFile.read(settings)) instanceof Map<?, ?> fields
                    && Boolean.FALSE.equals(fields.get("do_lower_case"));
        } catch (IllegalArgumentException e) {
            DataException problem = new DataException(settings, String.valueOf(e.getMessage()));
            problem.initCause(e);
            throw problem;
        }
    }

    /**
     * Reads the encoder. The pooler's weights are drawn where the checkpoint has none.
     *
     * @param random draws them and the seeds of dropout
     * @return on the default device; the caller closes it
     * @throws DataException if tensors are missing, unknown or of other shapes: they are named
     * @throws IOException if a file cannot be read
     */
    public BertModel encoder(Generator random) throws IOException {
        BertModel network = new BertModel(config, random, false);
        fill(network, Set.of("pooler."), Set.of("cls."), random);
        return network;
    }

    /**
     * The encoder, its weights yet to be written.
     *
     * @param random draws the seeds of dropout
     * @return on the default device; the caller closes it
     */
    public BertModel blank(Generator random) {
        return new BertModel(config, random, false);
    }

    /**
     * Reads the encoder and its heads. The weights of the pooler and of heads are drawn where the checkpoint has none.
     *
     * @param random draws them and the seeds of dropout
     * @return on the default device; the caller closes it
     * @throws DataException if tensors are missing, unknown or of other shapes: they are named
     * @throws IOException if a file cannot be read
     */
    public BertPretraining pretraining(Generator random) throws IOException {
        BertPretraining network = new BertPretraining(config, random, false);
        fill(network, Set.of("pooler.", "cls.predictions.", "cls.seq_relationship."), Set.of(), random);
        return network;
    }

    /**
     * Reads the encoder and its heads, for one who wants to know hidden words.
     *
     * @return on the default device; the caller closes it
     * @throws DataException if tensors, those of the head for hidden words among them, are missing, unknown or of other
     *     shapes: they are named
     * @throws IOException if a file cannot be read
     */
    public BertPretraining forHiddenWords() throws IOException {
        Generator random = new Generator(0, 0); // what is drawn is not used
        BertPretraining network = new BertPretraining(config, random, false);
        fill(network, Set.of("pooler.", "cls.seq_relationship."), Set.of(), random);
        return network;
    }

    /** Writes the weights, tensor by tensor; closes the network if they do not fit. */
    private void fill(Module network, Set<String> optional, Set<String> unused, Generator random) throws IOException {
        try {
            Map<String, Tensor> wanted = new LinkedHashMap<>();
            network.parameters().forEach((name, parameter) -> wanted.put(today(name), parameter.value()));
            check(wanted, optional, unused);
            for (Map.Entry<String, Tensor> entry : wanted.entrySet()) {
                Saved saved = saved(entry.getKey());
                if (saved == null) {
                    Dense.start(entry.getKey(), entry.getValue(), random);
                } else {
                    saved.file().read(saved.name(), entry.getValue());
                }
            }
        } catch (IOException | RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** A tensor of the checkpoint; the bias of the words also goes by the name of the layer it belongs to. */
    private @Nullable Saved saved(String name) {
        Saved found = tensors.get(name);
        return found == null && name.equals(BIAS) ? tensors.get(DECODER_BIAS) : found;
    }

    private void check(Map<String, Tensor> wanted, Set<String> optional, Set<String> unused) throws DataException {
        List<String> problems = new ArrayList<>();
        wanted.forEach((name, value) -> {
            Saved saved = saved(name);
            if (saved == null && optional.stream().noneMatch(name::startsWith)) {
                problems.add(name + " is missing");
            } else if (saved != null && (!saved.shape().equals(value.shape()) || saved.dtype() != value.dtype())) {
                problems.add(saved.name() + " is " + saved.shape() + " " + saved.dtype() + ", " + value.shape() + " "
                        + value.dtype() + " expected");
            }
        });
        tensors.forEach((name, saved) -> {
            if (!wanted.containsKey(name)
                    && !IGNORED.contains(name)
                    && unused.stream().noneMatch(name::startsWith)) {
                problems.add(saved.name() + " is unknown");
            }
        });
        if (!problems.isEmpty()) {
            int more = problems.size() - NAMED;
            throw new DataException(
                    file,
                    "not the weights that " + BertConfig.FILE + " describes: "
                            + String.join("; ", problems.subList(0, Math.min(NAMED, problems.size())))
                            + (more > 0 ? "; and " + more + " more" : ""));
        }
    }
}
