package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.models.charts.Picture;
import org.nautile.nn.Module;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Trainer;

/** One training of a {@link Model}: the settings the user chose, and where results go. */
public interface Run {
    /**
     * Where the training happens; also the default device.
     *
     * @return the device
     */
    Device device();

    /**
     * The passes over the training data.
     *
     * @return {@code >= 1}
     */
    int epochs();

    /**
     * The examples in a step.
     *
     * @return {@code >= 1}
     */
    int batch();

    /**
     * The learning rate.
     *
     * @return {@code > 0}
     */
    double learningRate();

    /**
     * The seed of everything random.
     *
     * @return any number
     */
    long seed();

    /**
     * The most training examples to use.
     *
     * @return {@code >= 1}; Integer.MAX_VALUE for all
     */
    int limit();

    /**
     * Whether to use little data for everything, to see in seconds that all works.
     *
     * @return true for little
     */
    boolean quick();

    /**
     * The folder the user named for data: a data set's own, or one with a folder of its name.
     *
     * @return null if none was named
     */
    @Nullable
    Path data();

    /**
     * Says what is trained on what; to be called once, before training.
     *
     * @param data which data, and where from
     * @param parameters the number of trainable numbers
     */
    void describe(String data, long parameters);

    /**
     * Trains with this run's epochs, batch, seed and device: shows progress, keeps history.json, model.safetensors and
     * checkpoint.safetensors up to date epoch by epoch, and ends early on Ctrl-C.
     *
     * @param trainer the other settings: loss, optimizer, data
     * @param model what is trained
     * @return what each epoch brought; after Ctrl-C of those that were done
     * @throws IOException if results cannot be written
     */
    List<EpochResult> train(Trainer.Builder trainer, Module model) throws IOException;

    /**
     * Whether the user wants to end. What was done is saved; measurements and pictures would keep the user waiting.
     *
     * @return true after Ctrl-C
     */
    boolean interrupted();

    /**
     * Draws a picture into the folder of results.
     *
     * @param name its file name, for example {@code "curves.png"}
     * @param picture the picture
     * @throws IOException if it cannot be written
     */
    void picture(String name, Picture picture) throws IOException;

    /**
     * Gives a text to be written into the folder of results when {@link #train} begins; what was there is lost no sooner.
     *
     * @param name its file name, for example {@code "vocab.txt"}
     * @param text what it holds
     */
    void file(String name, String text);

    /**
     * Prints a line, between {@link #describe} and {@link #result}.
     *
     * @param line what the user should know
     */
    void say(String line);

    /**
     * Prints the last line: the quality that was reached.
     *
     * @param line for example {@code "test accuracy 0.9355"}
     */
    void result(String line);
}
