package org.nautile.models;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.Device;
import org.nautile.models.mouse.Agent;
import org.nautile.models.mouse.Film;
import org.nautile.models.mouse.QNetwork;

/** Plays the game of a seed. */
record MousePredictor(QNetwork network) implements Predictor {
    @Override
    public Supplier<Answer> read(String input, boolean inverted) throws IOException {
        long seed;
        try {
            seed = Long.parseLong(input);
        } catch (NumberFormatException e) {
            throw new IOException("'" + input + "' is not the seed of a game, a whole number", e);
        }
        return () -> {
            try (Agent agent = new Agent(network, 1, Device.defaultDevice())) {
                Film film = new Film(agent, seed);
                String text = String.format(Locale.ROOT, "return %.1f", film.total());
                return new Answer(text, Map.of("return", film.total()), Optional.of(film));
            }
        };
    }
}
