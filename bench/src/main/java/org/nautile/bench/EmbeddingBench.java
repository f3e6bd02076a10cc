package org.nautile.bench;

import org.nautile.op.EmbeddingOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The vectors of the words of a batch. */
public class EmbeddingBench extends GradientBench {
    /** The number of words in the batch. */
    @Param({"64", "4096"})
    public int count = 64;

    /** The size of the vocabulary. */
    @Param("10000")
    public int words = 10_000;

    /** The size of a vector. */
    @Param("128")
    public int size = 128;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new EmbeddingOp(), uniform(words, size), labels(count, words));
    }
}
