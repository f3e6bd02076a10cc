import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** What a notebook's kernel offers, for the same text as a plain program: pictures go into files of the working folder. */
class Practical {
    private static int pictures;

    /** Writes a picture as picture-1.png, picture-2.png, ... */
    static void display(BufferedImage picture) throws IOException {
        pictures++;
        Path file = Path.of("picture-" + pictures + ".png");
        try (var out = Files.newOutputStream(file)) {
            ImageIO.write(picture, "png", out);
        }
        System.out.println(file);
    }
}
