package org.nautile.models.mouse;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.nautile.io.AtomicFile;

/** Pictures in motion. */
final class Gif {
    private static final int DELAY = 12; // hundredths of a second
    private static final int LAST_DELAY = 200;

    private Gif() {}

    /**
     * Writes an animation that begins again when it is over, whole or not at all.
     *
     * @param frames images of one size
     */
    static void write(Path file, List<BufferedImage> frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.setUseCache(false); // or a full temporary folder would be a reason to fail
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < frames.size(); i++) {
                int delay = i + 1 < frames.size() ? DELAY : LAST_DELAY;
                writer.writeToSequence(new IIOImage(frames.get(i), null, timing(writer, frames.get(i), delay)), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
        AtomicFile.write(file, bytes.toByteArray());
    }

    /** How long a frame is shown, and that the first follows the last: words of the GIF format (GIF89a, 23 and 26). */
    private static IIOMetadata timing(ImageWriter writer, BufferedImage frame, int delay) throws IOException {
        IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(frame), null);
        String format = metadata.getNativeMetadataFormatName();
        IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("transparentColorIndex", "0");
        control.setAttribute("delayTime", Integer.toString(delay));
        IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
        loop.setAttribute("applicationID", "NETSCAPE");
        loop.setAttribute("authenticationCode", "2.0");
        loop.setUserObject(new byte[] {1, 0, 0}); // again without end
        IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
        extensions.appendChild(loop);
        IIOMetadataNode root = new IIOMetadataNode(format);
        root.appendChild(control);
        root.appendChild(extensions);
        metadata.mergeTree(format, root);
        return metadata;
    }
}
