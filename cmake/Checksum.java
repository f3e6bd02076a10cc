import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** Notes the checksum of a library beside it (FILE.crc32), for the Java side to compare before it loads the library. */
class Checksum {
    public static void main(String[] args) throws Exception {
        CRC32 checksum = new CRC32();
        checksum.update(Files.readAllBytes(Path.of(args[0])));
        Files.writeString(Path.of(args[0] + ".crc32"), Long.toHexString(checksum.getValue()) + "\n");
    }
}
