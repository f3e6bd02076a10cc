package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Suggestions: near names, and only near ones. */
class NearestTest {
    private static final List<String> NAMES = List.of("mnist-mlp", "cifar-cnn", "cifar-mlp", "lstm", "gru");

    @Test
    void typingErrors() {
        assertEquals(List.of("mnist-mlp"), Nearest.of("mnist-mpl", NAMES)); // swapped
        assertEquals(List.of("mnist-mlp"), Nearest.of("mnst-mlp", NAMES)); // left out
        assertEquals(List.of("mnist-mlp"), Nearest.of("MNIST-MLP", NAMES));
        assertEquals(List.of("lstm"), Nearest.of("lsmt", NAMES));
        assertEquals(List.of("gru"), Nearest.of("grv", NAMES));
    }

    @Test
    void beginnings() {
        assertEquals(List.of("cifar-cnn", "cifar-mlp"), Nearest.of("cifar", NAMES));
    }

    @Test
    void nothingNear() {
        assertEquals(List.of(), Nearest.of("transformer", NAMES));
        assertEquals(List.of(), Nearest.of("x", NAMES));
        assertEquals("", Nearest.hint("", NAMES));
    }
}
