package org.nautile.models.charts;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
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
    private static final int COLOURS = 256; // that a frame of a GIF may have
    private static final int GROUPS = 1 << 15; // of colours, with 32 levels of red, green and blue each

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
                BufferedImage frame = indexed(frames.get(i).image()); // one at a time: they are large
                IIOMetadata timing = timing(writer, frame, i + 1 < frames.size() ? delay : LAST_DELAY);
                writer.writeToSequence(new IIOImage(frame, null, timing), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
        AtomicFile.write(file, bytes.toByteArray());
    }

    private static int group(int rgb) {
        return ((rgb >> 9) & 0x7C00) | ((rgb >> 6) & 0x3E0) | ((rgb >> 3) & 0x1F);
    }

    /** The image in the 256 groups of colours that most pixels have, each by its mean; other colours become the nearest. */
    private static BufferedImage indexed(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
        long[] counts = new long[GROUPS];
        long[][] sums = new long[3][GROUPS];
        for (int rgb : pixels) {
            int group = group(rgb);
            counts[group]++;
            for (int c = 0; c < 3; c++) {
                sums[c][group] += (rgb >> (16 - 8 * c)) & 0xFF;
            }
        }
        int[] groups = IntStream.range(0, GROUPS)
                .filter(group -> counts[group] > 0)
                .boxed()
                .sorted(Comparator.comparingLong(group -> -counts[group]))
                .mapToInt(Integer::intValue)
                .toArray();
        int colours = Math.min(COLOURS, groups.length);
        byte[][] palette = new byte[3][colours];
        int[] index = new int[GROUPS];
        for (int i = 0; i < groups.length; i++) {
            int[] colour = new int[3];
            for (int c = 0; c < 3; c++) {
                colour[c] = (int) Math.round((double) sums[c][groups[i]] / counts[groups[i]]);
            }
            if (i < colours) {
                for (int c = 0; c < 3; c++) {
                    palette[c][i] = (byte) colour[c];
                }
            }
            index[groups[i]] = i < colours ? i : nearest(palette, colour);
        }
        IndexColorModel model = new IndexColorModel(8, colours, palette[0], palette[1], palette[2]);
        BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model);
        int[] indices = Arrays.stream(pixels).map(rgb -> index[group(rgb)]).toArray();
        result.getRaster().setSamples(0, 0, width, height, 0, indices);
        return result;
    }

    private static int nearest(byte[][] palette, int... colour) {
        int best = 0;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < palette[0].length; i++) {
            int distance = 0;
            for (int c = 0; c < 3; c++) {
                int difference = (palette[c][i] & 0xFF) - colour[c];
                distance += difference * difference;
            }
            if (distance < least) {
                least = distance;
                best = i;
            }
        }
        return best;
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
