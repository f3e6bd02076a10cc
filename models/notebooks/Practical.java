import java.io.IOException;
import java.nio.file.Path;
import org.nautile.models.charts.Picture;

/** What the notebooks' kernel offers (kernel/init.jshell), for plain programs: pictures go into files of the working folder. */
class Practical {
    private static int pictures;

    /** Writes a picture as picture-1.png, picture-2.png, ... */
    static void show(Picture picture) throws IOException {
        pictures++;
        Path file = Path.of("picture-" + pictures + ".png");
        picture.write(file);
        System.out.println(file);
    }
}
