package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nautile.data.Cifar10;
import org.nautile.data.DataLocation;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.models.Classifier;
import org.nautile.models.Digits;

/**
 * Images of the kind that a classifier was trained on, each number from 0 to 1.
 *
 * @param train some that it may have learnt from
 * @param test some that it has not
 * @param source which they are
 */
record TrainedImages(ImageDataset train, ImageDataset test, String source) {
    /** The first ones of the publishers' files, at most so many; drawn ones where there are no files. */
    static TrainedImages find(Classifier classifier, @Nullable Path data, int train, int test) throws IOException {
        if (classifier.input().equals(Mnist.IMAGE)) {
            Digits digits = Digits.find(data, 0, classifier.classes().size(), train, test);
            return new TrainedImages(digits.train(), digits.test(), digits.source());
        }
        if (!classifier.input().equals(Cifar10.IMAGE)) {
            throw new CommandException("no data set has images of " + classifier.input());
        }
        Optional<Path> folder = DataLocation.find(Cifar10.NAME, data, Cifar10::isIn);
        return new TrainedImages(
                folder.isPresent() ? Cifar10.train(folder.get()).limit(train) : Cifar10.generate(1, train),
                folder.isPresent() ? Cifar10.test(folder.get()).limit(test) : Cifar10.generate(2, test),
                folder.map(path -> "CIFAR-10 from " + path).orElse("generated objects, not CIFAR-10 (see --data)"));
    }
}
