package org.nautile.validate;

import static java.util.Map.entry;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;

/** The one table that says what Nautile has for each of PyTorch's cases. */
final class GoldenTable {
    /** Computes a case and compares. */
    @FunctionalInterface
    interface Test {
        /**
         * Runs it.
         *
         * @param file the case
         * @param device where to compute
         * @return how near the results are
         * @throws Mismatch if they are not near enough
         * @throws IOException if the file is not what it should be
         */
        Measure run(GoldenFile file, Device device) throws IOException;
    }

    /**
     * What there is for a case.
     *
     * @param op the op's name in native/ops.def, or the model's on the command line. What is made of several ops stands under
     *     the one that does most of the work.
     * @param test computes and compares
     */
    record Entry(String op, Test test) {}

    /** By the name of the operation or, where only some of its cases can be computed, of the case. */
    private static final Map<String, Entry> ENTRIES = Map.ofEntries(
            entry("activation", new Entry("activation", GoldenOps::activation)),
            entry("attention", new Entry("attention", GoldenAttention::attention)),
            entry("avg_pool2d", new Entry("avg_pool2d", GoldenPictures::avgPool)),
            entry("batch_norm", new Entry("batch_norm", GoldenNorm::batchNorm)),
            entry("batched_matmul", new Entry("matmul", GoldenOps::batchedMatmul)),
            entry("bce", new Entry("pointwise_loss", GoldenLosses::binaryCrossEntropy)),
            entry("bce_with_logits", new Entry("pointwise_loss", GoldenLosses::binaryCrossEntropyWithLogits)),
            entry("clip_grad_norm", new Entry("clip_grad_norm", GoldenTraining::clipGradNorm)),
            entry("conv2d", new Entry("conv2d", GoldenConvolutions::conv2d)),
            entry("conv_transpose2d", new Entry("conv2d", GoldenConvolutions::transposed)),
            entry("cross_entropy", new Entry("cross_entropy", GoldenLosses::crossEntropy)),
            entry("dice_loss", new Entry("activation", GoldenLosses::dice)),
            entry("embedding", new Entry("embedding", GoldenIndexing::embedding)),
            entry("gru", new Entry("gru", GoldenRecurrent::gru)),
            entry("huber_loss", new Entry("pointwise_loss", GoldenLosses::huber)),
            entry("l1_loss", new Entry("pointwise_loss", GoldenLosses::absoluteError)),
            entry("layer_norm", new Entry("layer_norm", GoldenNorm::layerNorm)),
            entry("linear", new Entry("linear", GoldenOps::linear)),
            entry("log_softmax", new Entry("log_softmax", GoldenOps::logSoftmax)),
            entry("lr_schedule", new Entry("sgd", GoldenTraining::schedule)),
            entry("lstm", new Entry("lstm", GoldenRecurrent::lstm)),
            entry("matmul", new Entry("matmul", GoldenOps::matmul)),
            entry("max_pool2d", new Entry("max_pool2d", GoldenPictures::maxPool)),
            entry("model/autoencoder", new Entry("adam", GoldenModels::autoencoder)),
            entry("model/bert", new Entry("attention", GoldenModels::bert)),
            entry("model/cifar_cnn_bn", new Entry("batch_norm", GoldenModels::cifarBatchNorm)),
            entry("model/cifar_cnn_small", new Entry("conv2d", GoldenModels::cifarSmall)),
            entry("model/gru_sentiment", new Entry("gru", GoldenModels::gruSentiment)),
            entry("model/mnist_mlp", new Entry("mnist-mlp", GoldenModels::mnistMlp)),
            entry("model/realnvp", new Entry("unary", GoldenModels::realNvp)),
            entry("model/unet", new Entry("conv2d", GoldenModels::unet)),
            entry("mse_loss", new Entry("pointwise_loss", GoldenLosses::meanSquaredError)),
            entry("multi_head_attention", new Entry("attention", GoldenAttention::multiHead)),
            entry("nll_loss", new Entry("cross_entropy", GoldenLosses::negativeLogLikelihood)),
            entry("optimizer/adagrad", new Entry("adagrad", GoldenTraining::optimizer)),
            entry("optimizer/adam", new Entry("adam", GoldenTraining::optimizer)),
            entry("optimizer/adam_l2", new Entry("adam", GoldenTraining::optimizer)),
            entry("optimizer/adamw", new Entry("adam", GoldenTraining::optimizer)),
            entry("optimizer/rmsprop", new Entry("rmsprop", GoldenTraining::optimizer)),
            entry("optimizer/sgd", new Entry("sgd", GoldenTraining::optimizer)),
            entry("optimizer/sgd_momentum", new Entry("sgd", GoldenTraining::optimizer)),
            entry("optimizer/sgd_nesterov_wd", new Entry("sgd", GoldenTraining::optimizer)),
            entry("rnn", new Entry("rnn", GoldenRecurrent::rnn)),
            entry("softmax", new Entry("softmax", GoldenOps::softmax)),
            entry("squeeze2d", new Entry("copy", GoldenPictures::squeeze)),
            entry("transformer_decoder_layer", new Entry("attention", GoldenAttention::decoderLayer)),
            entry("transformer_encoder_layer", new Entry("attention", GoldenAttention::encoderLayer)),
            entry("upsample", new Entry("upsample", GoldenPictures::upsample)),
            entry("weighted_cross_entropy_pixels", new Entry("cross_entropy", GoldenLosses::crossEntropyOfPixels)));

    private GoldenTable() {}

    /**
     * What there is for a case.
     *
     * @param name {@code <name>/<case>}
     * @return null if nothing yet
     */
    static @Nullable Entry find(String name) {
        Entry entry = ENTRIES.get(name);
        return entry != null ? entry : ENTRIES.get(name.substring(0, name.indexOf('/')));
    }
}
