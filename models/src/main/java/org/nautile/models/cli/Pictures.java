package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.nautile.models.charts.Picture;
import picocli.CommandLine;

/** Pictures of commands that are not trainings. */
final class Pictures {
    private Pictures() {}

    /**
     * Writes a picture and says where; or why there is none.
     *
     * @return whether there is one
     */
    static boolean write(Path file, Picture picture, CommandLine command) {
        Optional<String> obstacle = Picture.obstacle();
        if (obstacle.isPresent()) {
            command.getErr().println("nautile: no picture: " + obstacle.get() + "; " + Picture.REMEDY);
            return false;
        }
        try {
            picture.write(file);
        } catch (IOException e) {
            throw OutputFiles.failure(file, e);
        }
        command.getOut().println("picture: " + file);
        return true;
    }
}
