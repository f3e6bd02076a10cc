package org.nautile.models.memory;

import java.util.Locale;
import org.nautile.Generator;
import org.nautile.backend.RnnKernel.Nonlinearity;
import org.nautile.nn.Gru;
import org.nautile.nn.Lstm;
import org.nautile.nn.Recurrent;
import org.nautile.nn.Rnn;

/** The kinds of recurrent layers. */
public enum Cell {
    /** Plain, with tanh. */
    RNN,
    /** Long short-term memory. */
    LSTM,
    /** Gated recurrent units. */
    GRU;

    /**
     * Layers of this kind.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units of each layer and direction, {@code >= 1}
     * @param options what may be chosen
     * @param random draws the first weights
     * @return which have learnt nothing
     */
    public Recurrent layers(int inputs, int hidden, Recurrent.Options options, Generator random) {
        return switch (this) {
            case RNN -> new Rnn(inputs, hidden, Nonlinearity.TANH, options, random);
            case LSTM -> new Lstm(inputs, hidden, options, random);
            case GRU -> new Gru(inputs, hidden, options, random);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
