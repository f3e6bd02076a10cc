package org.nautile.models;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.Device;
import org.nautile.models.sentiment.SentimentNetwork;
import org.nautile.models.sentiment.TextReader;

/** Says how probable it is that a text speaks well of something. */
record SentimentPredictor(SentimentNetwork network, TextReader reader) implements Predictor {
    @Override
    public Supplier<Answer> read(String text, boolean inverted) throws IOException {
        TextReader.Read read = reader.read(text);
        if (read.tokens() == 0) {
            throw new IOException("'" + text + "' has no word in it, a text expected");
        }
        return () -> {
            double probability = network.probability(read.ids(), Device.defaultDevice());
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("positive", probability);
            values.put("tokens", read.tokens());
            values.put("tokens_unknown", read.unknown());
            values.put("tokens_read", read.ids().length);
            String answer = String.format(Locale.ROOT, "positive with probability %.4f", probability);
            return new Answer(answer + notes(read), values, Optional.empty());
        };
    }

    private String notes(TextReader.Read read) {
        String unknown = read.unknown() == 0
                ? ""
                : String.format(Locale.ROOT, "; %d of %d words unknown", read.unknown(), read.tokens());
        String cut = !read.cut()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; too long: of %d words and marks the first and last %d are read",
                        read.tokens(),
                        reader.room() / 2);
        return unknown + cut;
    }
}
