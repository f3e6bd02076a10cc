package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.nautile.models.charts.Picture;

/** What a command leaves in its folder. Pictures are there exactly where they can be drawn. */
final class LeftFiles {
    private LeftFiles() {}

    /** These pictures. */
    static void pictures(Path folder, String... names) {
        for (String name : names) {
            assertEquals(Picture.obstacle().isEmpty(), Files.exists(folder.resolve(name)), name);
        }
    }

    /** A picture that moves, in so many frames. */
    static void animation(Path gif, int frames) throws IOException {
        if (Picture.obstacle().isPresent()) {
            return;
        }
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(gif.toFile())) {
            reader.setInput(in);
            assertEquals(frames, reader.getNumImages(true), gif::toString);
        } finally {
            reader.dispose();
        }
    }

    /** What every training leaves, these files and these pictures, and nothing else. */
    static void ofTraining(Path folder, Set<String> others, Set<String> pictures) throws IOException {
        Set<String> files =
                new TreeSet<>(Set.of("checkpoint.safetensors", "history.json", "index.html", "model.safetensors"));
        files.addAll(others);
        exactly(folder, files, pictures);
    }

    /** These files and these pictures, and nothing else. */
    static void exactly(Path folder, Set<String> files, Set<String> pictures) throws IOException {
        Set<String> expected = new TreeSet<>(files);
        if (Picture.obstacle().isEmpty()) {
            expected.addAll(pictures);
        }
        try (Stream<Path> there = Files.list(folder)) {
            assertEquals(
                    expected,
                    there.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
    }
}
