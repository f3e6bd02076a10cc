package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.RestoresDefaults;
import org.nautile.nn.Module;

/** The course's encoder-decoder Transformer. */
@ExtendWith(RestoresDefaults.class)
class TransformerTest {
    @Test
    void hasTheStatedParameters() {
        Device.setDefault(Devices.reference());
        Transformer model = new Transformer();
        try (Module network = model.predictor().orElseThrow().network()) {
            assertEquals(model.parameters(), network.parameterCount());
            // vectors of 44 characters and 14 signs; 4 E^2 + 4 E for an attention, 2 E F + F + E for a feed-forward
            // network
            int e = 128;
            int attention = 4 * e * e + 4 * e;
            int forward = 2 * e * 512 + 512 + e;
            int encoder = attention + forward + 2 * 2 * e;
            int decoder = 2 * attention + forward + 3 * 2 * e;
            assertEquals((44 + 14) * e + 2 * (encoder + decoder) + e * 14 + 14, network.parameterCount());
        }
    }
}
