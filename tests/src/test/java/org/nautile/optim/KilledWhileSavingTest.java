package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.ChildJvm;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.data.Mnist;
import org.nautile.io.Safetensors;
import org.nautile.nn.Linear;

/** A process that is killed in the middle of saving a checkpoint loses nothing older. */
@Timeout(120)
class KilledWhileSavingTest {
    private static final int KILLS = 6;
    private static final String PARAMETER = "parameter.weight";

    /** Saves for ever: the n-th checkpoint has n in each of its weights. */
    public static final class Saver {
        private Saver() {}

        public static void main(String[] args) throws IOException {
            Device.setDefault(Device.of("reference"));
            Path file = Path.of(args[0]);
            Linear model = new Linear(784, 500, new Generator(1, 0));
            Trainer trainer = Trainer.of(model)
                    .optimizer(new Sgd(model, 0.1))
                    .train(Mnist.generate(1, 1).flattened())
                    .build();
            for (long n = Long.parseLong(args[1]); ; n++) {
                model.parameters().values().iterator().next().value().fill((double) n);
                trainer.save(file);
            }
        }
    }

    @Test
    void theFileIsAlwaysComplete(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("checkpoint.safetensors");
        File output = folder.resolve("output.txt").toFile();
        Random random = new Random(5);
        float last = 0;
        int unfinished = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process child = new ChildJvm(Saver.class).start(output, file.toString(), Long.toString((long) last + 1));
            try {
                while (weights(file) <= last) { // it has begun
                    assertTrue(child.isAlive(), () -> "the child ended: " + read(output.toPath()));
                    Thread.sleep(5);
                }
                if (kill % 2 == 0) {
                    Thread.sleep(random.nextInt(60));
                } else { // in the middle of saving
                    for (Set<Path> before = parts(folder); child.isAlive() && before.containsAll(parts(folder)); ) {
                        Thread.onSpinWait();
                    }
                }
            } finally {
                child.destroyForcibly(); // kill -9
            }
            assertTrue(child.waitFor(30, TimeUnit.SECONDS));
            assertEquals(128 + 9, child.exitValue());
            float now = weights(file);
            assertTrue(now > last, now + " after " + last);
            last = now;
            unfinished = parts(folder).size();
        }
        assertTrue(unfinished > 0, "no kill came in the middle of saving: this test has shown nothing");
    }

    /** Files that are not complete: each saving has one with a name of its own. */
    private static Set<Path> parts(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".part")).collect(Collectors.toSet());
        }
    }

    /** What all weights of a checkpoint are; 0 without one. */
    private static float weights(Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        float[] weights = (float[]) Safetensors.open(file).array(PARAMETER);
        assertEquals(784 * 500, weights.length);
        for (float weight : weights) {
            assertEquals(weights[0], weight, "a checkpoint of two savings");
        }
        return weights[0];
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
