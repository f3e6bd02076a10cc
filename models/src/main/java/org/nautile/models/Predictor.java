package org.nautile.models;

import java.util.List;
import org.nautile.Shape;
import org.nautile.nn.Module;

/** What a trained model says of an image: {@link Model#predictor}. */
public interface Predictor {
    /**
     * The network, whose weights are loaded before it is asked anything.
     *
     * @return the network; whoever asked for the predictor closes it
     */
    Module network();

    /**
     * The shape of an image.
     *
     * @return [channels, height, width], with one channel (grey) or three (red, green, blue)
     */
    Shape input();

    /**
     * Says what an image shows.
     *
     * @param pixels the image, of {@link #input}, each number from 0 to 1
     * @return the classes, likeliest first
     */
    List<Guess> guess(float[] pixels);

    /**
     * A class that an image may show.
     *
     * @param name of the class
     * @param probability from 0 to 1
     */
    record Guess(String name, double probability) {}
}
