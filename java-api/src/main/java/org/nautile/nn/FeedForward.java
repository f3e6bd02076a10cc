package org.nautile.nn;

import org.nautile.Tensor;

/** The network of two layers in a Transformer's layer, whose parts belong to that one. */
record FeedForward(Linear first, Linear second, Activation activation, Dropout dropout) {
    Tensor forward(Tensor x) {
        return second.forward(dropout.forward(activation.forward(first.forward(x))));
    }
}
