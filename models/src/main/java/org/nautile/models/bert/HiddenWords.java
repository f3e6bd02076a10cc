package org.nautile.models.bert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.WordPiece;
import org.nautile.models.Predictor;
import org.nautile.nn.Module;
import org.nautile.op.SliceOp;
import org.nautile.op.SoftmaxOp;

/** Says which words are likeliest for each [MASK] of a text. */
public final class HiddenWords implements Predictor {
    private static final int BEST = 5;

    private final BertPretraining bert;
    private final WordPiece tokenizer;

    /**
     * With the weights and the vocabulary of a checkpoint.
     *
     * @param folder the checkpoint, with a head for hidden words
     * @throws IOException if a file is missing, damaged or does not fit the others
     */
    public HiddenWords(Path folder) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(folder);
        tokenizer = checkpoint.vocabulary();
        bert = checkpoint.forHiddenWords();
        bert.train(false);
    }

    @Override
    public Module network() {
        return bert;
    }

    /**
     * A token for a [MASK].
     *
     * @param token as in the vocabulary
     * @param probability from 0 to 1
     */
    public record Guess(String token, double probability) {}

    @Override
    public Supplier<Answer> read(String input, boolean inverted) throws IOException {
        long[] ids = tokenizer.encode(input).ids();
        int[] places = IntStream.range(0, ids.length)
                .filter(i -> ids[i] == tokenizer.id(WordPiece.MASK))
                .toArray();
        if (places.length == 0) {
            throw new IOException("'" + input + "': no [MASK] in it; the word to be guessed is written so");
        }
        int most = bert.bert().config().positions();
        if (ids.length > most) {
            throw new IOException("'" + shortened(input) + "': " + ids.length
                    + " tokens, [CLS] and [SEP] among them; this network reads at most " + most);
        }
        return () -> answer(ids, places);
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }

    private Answer answer(long[] ids, int... places) {
        List<List<Guess>> all = new ArrayList<>();
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor states = bert.bert().forward(Tensor.of(Device.defaultDevice(), ids, Shape.of(1, ids.length)));
            for (int place : places) {
                Tensor state = Autograd.apply(new SliceOp(1, place, place + 1), states);
                all.add(best(Autograd.apply(new SoftmaxOp(-1), bert.words(state)).toFloatArray()));
            }
        }
        String text = String.join(
                " | ",
                all.stream()
                        .map(guesses -> String.join(
                                "; ",
                                guesses.stream()
                                        .map(guess -> String.format(
                                                Locale.ROOT, "%s %.3f", guess.token(), guess.probability()))
                                        .toList()))
                        .toList());
        return new Answer(text, Map.of("masks", all.stream().map(HiddenWords::values).toList()), Optional.empty());
    }

    private List<Guess> best(float... probabilities) {
        return IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -probabilities[i]))
                .limit(BEST)
                .map(i -> new Guess(tokenizer.token(i), probabilities[i]))
                .toList();
    }

    private static List<Map<String, Object>> values(List<Guess> guesses) {
        return guesses.stream()
                .map(guess -> {
                    Map<String, Object> values = new LinkedHashMap<>();
                    values.put("token", guess.token());
                    values.put("probability", guess.probability());
                    return values;
                })
                .toList();
    }
}
