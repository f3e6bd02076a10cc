package org.nautile.models.charts;

import java.awt.Graphics2D;
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

/** A picture in motion, written as GIF, which begins again when it is over. Where nothing moves it is its last frame. */
public final class Animation implements Picture {
    private static final int LAST_DELAY = 200; // hundredths of a second

    private final List<Picture> frames;
    private final int delay;

    /**
     * An animation.
     *
     * @param frames pictures of one size, at least one
     * @param delay how long each of them is shown, hundredths of a second; the last is for two seconds
     */
    public Animation(List<? extends Picture> frames, int delay) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("an animation without frames");
        }
        Picture first = frames.get(0);
        for (Picture frame : frames) {
            if (frame.width() != first.width() || frame.height() != first.height()) {
                throw new IllegalArgumentException("frames of " + first.width() + " x " + first.height() + " and "
                        + frame.width() + " x " + frame.height());
            }
        }
        this.frames = List.copyOf(frames);
        this.delay = delay;
    }

    private Picture last() {
        return frames.get(frames.size() - 1);
    }

    @Override
    public int width() {
        return last().width();
    }

    @Override
    public int height() {
        return last().height();
    }

    @Override
    public void paint(Graphics2D graphics) {
        last().paint(graphics);
    }

    /**
     * Writes the animation as GIF, whole or not at all.
     *
     * @param file the file, which is replaced
     * @throws IOException if it cannot be written
     */
    @Override
    public void write(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.setUseCache(false); // or a full temporary folder would be a reason to fail
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < frames.size(); i++) {
                BufferedImage frame = frames.get(i).image(); // one at a time: they are large
                IIOMetadata timing = timing(writer, frame, i + 1 < frames.size() ? delay : LAST_DELAY);
                writer.writeToSequence(new IIOImage(frame, null, timing), null);
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
