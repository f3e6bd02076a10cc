package org.nautile.data;

import java.net.URI;
import java.util.List;
import org.nautile.io.RemoteFile;

/**
 * A data set, or the weights of a model, as they are published.
 *
 * @param name its name and the name of its folder
 * @param mirrors the addresses of the folders that hold the same files, tried in order
 * @param files the files
 */
public record DataSource(String name, List<URI> mirrors, List<RemoteFile> files) {
    /** The files of LeCun, Cortes and Burges; their own server no longer hands them out. */
    private static final DataSource MNIST = new DataSource(
            Mnist.NAME,
            List.of(
                    URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
                    URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/")),
            List.of(
                    new RemoteFile(
                            "train-images-idx3-ubyte.gz",
                            9_912_422,
                            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                    new RemoteFile(
                            "train-labels-idx1-ubyte.gz",
                            28_881,
                            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                    new RemoteFile(
                            "t10k-images-idx3-ubyte.gz",
                            1_648_877,
                            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                    new RemoteFile(
                            "t10k-labels-idx1-ubyte.gz",
                            4_542,
                            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")));

    /** The archive of Krizhevsky's binary version, which is read as it is. */
    private static final DataSource CIFAR_10 = new DataSource(
            Cifar10.NAME,
            List.of(
                    URI.create("https://www.cs.toronto.edu/~kriz/"),
                    URI.create("https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/")),
            List.of(new RemoteFile(
                    Cifar10.ARCHIVE, 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")));

    /** The archive of the GLUE benchmark (Wang et al. 2018), which is read as it is. */
    private static final DataSource SST_2 = new DataSource(
            "sst2",
            List.of(URI.create("https://dl.fbaipublicfiles.com/glue/data/")),
            List.of(new RemoteFile(
                    Reviews.SST2_ARCHIVE,
                    7_439_277,
                    "d67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa")));

    /** The archive of Maas et al. (2011), which is read as it is. */
    private static final DataSource IMDB = new DataSource(
            "imdb",
            List.of(URI.create("https://ai.stanford.edu/~amaas/data/sentiment/")),
            List.of(new RemoteFile(
                    Reviews.IMDB_ARCHIVE,
                    84_125_825,
                    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe")));

    /** BERT of Devlin et al. (2018), the base size for lower-case English, at a fixed revision of the publisher's. */
    private static final DataSource BERT_BASE_UNCASED = new DataSource(
            "bert-base-uncased",
            List.of(URI.create("https://huggingface.co/google-bert/bert-base-uncased/resolve/"
                    + "86b5e0934494bd15c9632b12f734a8a67f723594/")),
            List.of(
                    new RemoteFile(
                            "config.json", 570, "7160e1553ad2ca51d8c1cb066be533db31826e12d173824c1bb0cb1a4f187d20"),
                    new RemoteFile(
                            "vocab.txt", 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
                    new RemoteFile(
                            "model.safetensors",
                            440_449_768,
                            "68d45e234eb4a928074dfd868cead0219ab85354cc53d20e772753c6bb9169d3")));

    /**
     * Every data set or model that can be downloaded.
     *
     * @return at least one
     */
    public static List<DataSource> all() {
        return List.of(MNIST, CIFAR_10, SST_2, IMDB, BERT_BASE_UNCASED);
    }
}
