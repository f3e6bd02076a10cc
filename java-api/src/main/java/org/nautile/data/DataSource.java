package org.nautile.data;

import java.net.URI;
import java.util.List;
import org.nautile.io.RemoteFile;

/**
 * A data set as it is published.
 *
 * @param name the data set's name and the name of its folder
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

    /**
     * Every data set that can be downloaded.
     *
     * @return at least one
     */
    public static List<DataSource> all() {
        return List.of(MNIST, CIFAR_10);
    }
}
