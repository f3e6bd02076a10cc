package org.nautile.models.bert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.io.DataException;
import org.nautile.io.Safetensors;
import org.nautile.nn.Module;

/** A folder's weights are those that were written, however they are named and divided. */
class CheckpointTest {
    private static final BertConfig CONFIG = new BertConfig(11, 8, 2, 2, 12, 7, 2, 1e-12, 0);
    private static final List<String> TOKENS =
            List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##a", "##b", ".");

    @TempDir
    private Path folder = Path.of("");

    private final Scope scope = new Scope();
    private final BertPretraining written = new BertPretraining(CONFIG, random());

    private static Generator random() {
        return new Generator(3, 0);
    }

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("config.json"), CONFIG.json());
        Files.write(folder.resolve("vocab.txt"), TOKENS);
        // those that start as zeros and ones shall be told apart, too
        Generator more = new Generator(4, 0);
        written.parameters().values().forEach(parameter -> {
            Tensor value = parameter.value();
            float[] values = value.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] += more.nextFloat();
            }
            value.set(values);
        });
    }

    @AfterEach
    void free() {
        written.close();
        scope.close();
    }

    private void save(UnaryOperator<String> names) throws IOException {
        Safetensors.write(folder.resolve("model.safetensors"), renamed(names));
    }

    private Map<String, Tensor> renamed(UnaryOperator<String> names) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        written.state().forEach((name, value) -> tensors.put(names.apply(name), value));
        return tensors;
    }

    private static void assertSame(Module expected, Module found) {
        assertEquals(expected.parameters().keySet(), found.parameters().keySet());
        expected.parameters()
                .forEach((name, parameter) -> assertArrayEquals(
                        parameter.value().toFloatArray(),
                        Objects.requireNonNull(found.parameters().get(name))
                                .value()
                                .toFloatArray(),
                        name));
    }

    private void assertLoads() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(folder);
        assertEquals(CONFIG, checkpoint.config());
        assertEquals(TOKENS, checkpoint.vocabulary().vocabulary());
        try (BertPretraining all = checkpoint.pretraining(random());
                BertPretraining forWords = checkpoint.forHiddenWords();
                BertModel encoder = checkpoint.encoder(random())) {
            assertSame(written, all);
            assertSame(written, forWords);
            assertSame(written.bert(), encoder);
        }
    }

    @Test
    void readsWhatTrainingWrites() throws IOException {
        save(name -> name);
        assertLoads();
    }

    @Test
    void readsNamesWithoutPrefix() throws IOException {
        save(name -> name.replaceFirst("^bert\\.", ""));
        assertLoads();
    }

    @Test
    void readsGammaAndBeta() throws IOException {
        save(name -> name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"));
        assertTrue(Safetensors.open(folder.resolve("model.safetensors"))
                .names()
                .contains("bert.encoder.layer.1.output.LayerNorm.gamma"));
        assertLoads();
    }

    @Test
    void readsShards() throws IOException {
        List<Map<String, Tensor>> parts = List.of(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        List<String> index = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, Tensor> entry : renamed(name -> name).entrySet()) {
            int part = number++ % parts.size();
            parts.get(part).put(entry.getKey(), entry.getValue());
            index.add("\"" + entry.getKey() + "\": \"model-" + part + ".safetensors\"");
        }
        for (int part = 0; part < parts.size(); part++) {
            Safetensors.write(folder.resolve("model-" + part + ".safetensors"), parts.get(part));
        }
        Path file = folder.resolve("model.safetensors.index.json");
        Files.writeString(file, "{\"metadata\": {}, \"weight_map\": {" + String.join(", ", index) + "}}");
        assertLoads();

        Files.delete(folder.resolve("model-1.safetensors"));
        assertFails("index.json: names model-1.safetensors, which is not in the folder");
        Files.copy(folder.resolve("model-0.safetensors"), folder.resolve("model-1.safetensors"));
        assertFails("is in model-1.safetensors, where it is not");
        Files.writeString(file, "{\"weight_map\": {\"a\": \"../model.safetensors\"}}");
        assertFails("weight_map: a: ../model.safetensors found");
        Files.writeString(file, "{\"weight\": 1}");
        assertFails("no object weight_map found");
    }

    /** Of the decoder of hidden words, Hugging Face has written the tied weights, too. */
    @Test
    void ignoresWhatIsThereOnceMore() throws IOException {
        Map<String, Tensor> tensors = renamed(name -> name.replace("predictions.bias", "predictions.decoder.bias"));
        tensors.put("cls.predictions.decoder.weight", Tensor.zeros(11, 8));
        tensors.put("bert.embeddings.position_ids", Tensor.zeros(1, 7));
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
        assertLoads();
    }

    @Test
    void headsAreNeededOnlyForTheirUse() throws IOException {
        Map<String, Tensor> tensors = renamed(name -> name);
        tensors.keySet().removeIf(name -> name.startsWith("cls.") || name.startsWith("bert.pooler."));
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
        Checkpoint checkpoint = Checkpoint.open(folder);
        try (BertModel encoder = checkpoint.encoder(random());
                BertPretraining all = checkpoint.pretraining(random())) {
            Map<String, Tensor> state = all.bert().state();
            assertArrayEquals(
                    written.bert().words().toFloatArray(), encoder.words().toFloatArray());
            float[] drawn = Objects.requireNonNull(state.get("pooler.dense.weight")).toFloatArray();
            double sum = 0;
            for (float value : drawn) {
                sum += value * value;
            }
            assertEquals(0.02, Math.sqrt(sum / drawn.length), 0.006);
        }
        String message =
                assertThrows(DataException.class, checkpoint::forHiddenWords).getMessage();
        assertTrue(message.contains("cls.predictions.bias is missing"), message);
        assertTrue(message.contains("cls.predictions.transform.dense.weight is missing"), message);
    }

    @Test
    void tensorsThatDoNotFitAreNamed() throws IOException {
        Map<String, Tensor> tensors = renamed(name -> name);
        tensors.remove("bert.encoder.layer.0.output.dense.bias");
        tensors.put("bert.embeddings.token_type_embeddings.weight", Tensor.zeros(3, 8));
        tensors.put("classifier.weight", Tensor.zeros(2, 8));
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
        String message = assertThrows(
                        DataException.class, () -> Checkpoint.open(folder).encoder(random()))
                .getMessage();
        assertTrue(message.contains("encoder.layer.0.output.dense.bias is missing"), message);
        assertTrue(message.contains("bert.embeddings.token_type_embeddings.weight is [3,8] float32, [2,8]"), message);
        assertTrue(message.contains("classifier.weight is unknown"), message);
        assertEquals(1, message.lines().count());

        tensors.keySet().removeIf(name -> name.contains("layer.1"));
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
        String more = assertThrows(
                        DataException.class, () -> Checkpoint.open(folder).encoder(random()))
                .getMessage();
        assertTrue(more.contains("; and 13 more"), more); // of 3 and the 16 of a block
    }

    @Test
    void aTensorThatIsThereTwiceIsNamed() throws IOException {
        Map<String, Tensor> tensors = renamed(name -> name);
        tensors.put("embeddings.LayerNorm.gamma", Tensor.zeros(8));
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
        assertFails("bert.embeddings.LayerNorm.weight and embeddings.LayerNorm.gamma found, which are the same");
    }

    @Test
    void vocabulariesThatDoNotFit() throws IOException {
        save(name -> name);
        Files.write(folder.resolve("vocab.txt"), TOKENS.subList(0, 10));
        String size = assertThrows(
                        DataException.class, () -> Checkpoint.open(folder).vocabulary())
                .getMessage();
        assertTrue(size.contains("vocab.txt: 10 tokens found, 11 expected: vocab_size in"), size);
        Files.write(folder.resolve("vocab.txt"), List.of("[PAD]", "[CLS]", "[SEP]", "[MASK]", "a"));
        String unknown = assertThrows(
                        DataException.class, () -> Checkpoint.open(folder).vocabulary())
                .getMessage();
        assertTrue(unknown.contains("no token [UNK] found"), unknown);
    }

    @Test
    void theTokenizerIsAsItsSettingsSay() throws IOException {
        save(name -> name);
        assertEquals(List.of("a"), Checkpoint.open(folder).vocabulary().tokens("A"));
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"do_lower_case\": false}");
        assertEquals(List.of("[UNK]"), Checkpoint.open(folder).vocabulary().tokens("A"));
    }

    private void assertFails(String expected) {
        String message = assertThrows(DataException.class, () -> Checkpoint.open(folder))
                .getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void filesThatAreNotThere() throws IOException {
        assertFails("neither model.safetensors nor model.safetensors.index.json found");
        Files.delete(folder.resolve("config.json"));
        assertFails("no config.json found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "\"hidden_size\": 8 | \"hidden\": 8 | no field hidden_size found, a whole number >= 1 expected",
                "\"hidden_size\": 8 | \"hidden_size\": \"8\" | hidden_size 8 found, a whole number >= 1 expected",
                "\"hidden_size\": 8 | \"hidden_size\": 9 | hidden_size 9 found, a multiple of num_attention_heads 2",
                "\"vocab_size\": 11 | \"vocab_size\": 0 | vocab_size 0 found, a whole number >= 1 expected",
                "\"vocab_size\": 11 | \"vocab_size\": 1.5 | vocab_size 1.5 found",
                "\"gelu\" | \"relu\" | hidden_act 'relu' found, 'gelu' expected",
                "\"model_type\": \"bert\" | \"model_type\": \"roberta\" | model_type 'roberta' found, 'bert' expected",
                "\"layer_norm_eps\": 1.0E-12 | \"layer_norm_eps\": \"small\" | layer_norm_eps small found, a number",
                "\"hidden_dropout_prob\": 0.0 | \"hidden_dropout_prob\": 1 | hidden_dropout_prob 1.0 found",
                "{ | [ | character"
            })
    void configsThatAreNotOne(String part, String instead, String expected) throws IOException {
        assertTrue(CONFIG.json().contains(part), part);
        Files.writeString(folder.resolve("config.json"), CONFIG.json().replace(part, instead));
        String message = assertThrows(DataException.class, () -> Checkpoint.open(folder))
                .getMessage();
        assertTrue(message.contains("config.json: ") && message.contains(expected), message);
    }
}
