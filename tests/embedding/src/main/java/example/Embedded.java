package example;

import java.util.List;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Generator;
import org.nautile.data.Mnist;
import org.nautile.nn.Activation;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Sequential;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;

/** Trains a small network on the device that is named, as a program might that has Nautile for a library. */
public final class Embedded {
    private Embedded() {}

    public static void main(String[] args) {
        try {
            System.out.println(run(args[0]));
        } catch (DeviceException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    /** The devices there are, the one that ran, and what was learnt. */
    public static String run(String device) {
        Device.setDefault(Device.of(device));
        Generator random = new Generator(42, 0);
        Sequential model = new Sequential(
                new Flatten(), new Linear(784, 32, random), Activation.relu(), new Linear(32, 10, random));
        List<?> epochs = Trainer.of(model)
                .optimizer(new Sgd(model, 0.1))
                .epochs(1)
                .train(Mnist.generate(1, 2_000))
                .test(Mnist.generate(2, 500))
                .build()
                .run();
        return "devices " + Device.names() + ", ran on " + Device.defaultDevice() + ": " + epochs.get(0);
    }
}
