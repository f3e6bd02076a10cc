package org.nautile.models.language;

import java.util.List;
import java.util.stream.Stream;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.models.Options;
import picocli.CommandLine.Option;

/** How a network's own texts are written, as options: {@code @Mixin Writing writing}. */
public final class Writing {
    private static final int SAMPLES = 3;

    /** A stream of random numbers that nothing else draws from. */
    private static final long STREAM = 2;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            description = "How freely samples are written; 0: the most probable character. Default: ${DEFAULT-VALUE}.")
    double temperature = 0.7;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description = "Write samples with the N most probable characters; 0: with all. Default: ${DEFAULT-VALUE}.")
    int topK;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "How samples begin. Default: at the beginning of a line.")
    String prompt = "\n";

    @Option(names = "--length", paramLabel = "N", description = "Characters of a sample. Default: ${DEFAULT-VALUE}.")
    int length = 160;

    /** As the options say if the user says nothing. */
    public Writing() {}

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public void check() {
        Options.atLeast("--length", length, 1);
        if (prompt.isEmpty()) {
            throw new IllegalArgumentException("--prompt is empty; at least one character");
        }
        new Sampler(temperature, topK);
    }

    /**
     * Lets a network write some texts.
     *
     * @param network writes; not in training from here on
     * @param alphabet its characters
     * @param device where it is
     * @param seed the same seed gives the same texts
     * @return one line for each text, with / for the ends of its own lines
     */
    public List<String> samples(CharNetwork network, Alphabet alphabet, Device device, long seed) {
        network.train(false);
        Generator random = new Generator(seed, STREAM);
        Sampler sampler = new Sampler(temperature, topK);
        int[] start = alphabet.numbers(prompt);
        return Stream.generate(() -> network.write(start, length, sampler, alphabet, device, random))
                .limit(SAMPLES)
                .map(written -> prompt + alphabet.text(written))
                .map(text -> "sample: " + text.strip().replaceAll("\\R+", " / "))
                .toList();
    }
}
