package org.nautile.models;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.models.seq2seq.Translator;
import org.nautile.models.seq2seq.Translator.Written;
import org.nautile.nn.Module;

/** Translates texts, and draws what it attends to. */
record TranslatorPredictor(Translator translator, int beam) implements Predictor {
    @Override
    public Module network() {
        return translator.network();
    }

    @Override
    public Supplier<Answer> read(String text, boolean inverted) throws IOException {
        try {
            translator.network().sizes().task().read(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + text + "': " + e.getMessage(), e);
        }
        return () -> {
            network().train(false);
            Written written = translator.write(List.of(text), beam).get(0);
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("text", written.text());
            values.put("probability", written.probability());
            return new Answer(
                    String.format(Locale.ROOT, "%s (%.4f)", written.text(), written.probability()),
                    values,
                    Optional.of(TransformerPictures.attention(translator, text, written.text())));
        };
    }
}
