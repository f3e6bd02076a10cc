package org.nautile.models;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.LongStream;
import org.nautile.Generator;
import org.nautile.models.mouse.Agent;
import org.nautile.models.mouse.Film;
import org.nautile.models.mouse.HandWritten;
import org.nautile.models.mouse.MouseGame;
import org.nautile.models.mouse.Policy;
import org.nautile.models.mouse.Practice;
import org.nautile.models.mouse.QLearning;
import org.nautile.models.mouse.QNetwork;
import org.nautile.models.mouse.Replay;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Deep Q-learning: a mouse learns to hunt for cheese and to avoid poison. An epoch begins with steps in many games side
 * by side, of which some are drawn at random; their transitions go to a replay buffer, from which it then learns. The
 * target network is the network as it was when the epoch began.
 */
public final class Mouse implements Model {
    private static final int GAMES = 32; // side by side
    private static final int STEPS = 160; // of each before an epoch
    private static final int CAPACITY = 100_000; // transitions
    private static final int DRAWS = 80_000; // transitions to learn from in an epoch
    private static final int QUICK_DRAWS = 4_000;
    private static final double LAST_EPSILON = 0.05;
    private static final int MEASURED = 50; // games after each epoch
    private static final int TEST = 200; // games
    private static final int DECISIONS = 5000; // to see how long one takes

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    QNetwork.Kind kind = QNetwork.Kind.MLP;

    @Option(
            names = "--epsilon",
            paramLabel = "X",
            description =
                    "The share of moves that are drawn at random at first; it falls in a line to 0.05 in the middle of"
                            + " the training; 0: none at all. Default: ${DEFAULT-VALUE}.")
    double epsilon = 1;

    @Option(
            names = "--discount",
            paramLabel = "X",
            description = "What a reward is worth a step later. Default: ${DEFAULT-VALUE}.")
    double discount = 0.95;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public Mouse() {
        techniques.schedule = Techniques.ScheduleKind.COSINE;
    }

    @Override
    public void check() {
        between("--epsilon", epsilon);
        between("--discount", discount);
        techniques.check();
    }

    private static void between(String option, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(option + " " + value + " is not from 0 to 1");
        }
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: what is lived through in games, those of the training, of each epoch's measurement and of the test
        int draws = Math.min(run.quick() ? QUICK_DRAWS : DRAWS, run.limit());
        long[] seeds =
                LongStream.range(0, 3).map(i -> (4 * run.seed() + i) << 32).toArray();
        Replay replay = new Replay(CAPACITY, draws, run.seed());
        Practice practice = new Practice(GAMES, replay, discount, seeds[0]);

        // the networks
        try (QNetwork network = new QNetwork(kind, new Generator(run.seed(), 0))) {
            run.describe(
                    String.format(
                            Locale.ROOT,
                            "the Mouse Game, %d x %d: %d games side by side, %d steps of each an epoch, which learns"
                                    + " from %d transitions drawn from the last %d",
                            MouseGame.SIZE,
                            MouseGame.SIZE,
                            GAMES,
                            STEPS,
                            draws,
                            CAPACITY),
                    network.parameterCount());

            // the loop: a step for each mini-batch of the replay buffer
            Trainer.Builder trainer = techniques.trainer(run, network, replay);
            List<EpochResult> epochs;
            try (QLearning learning = new QLearning(network);
                    Agent player = new Agent(network, GAMES, run.device());
                    Agent examined = new Agent(network, MEASURED, run.device())) {
                // where all moves are random, no network need be asked
                practice.play(STEPS, epsilon < 1 ? player : Policy.random(run.seed()), epsilon);
                trainer.objective(learning::loss)
                        .measure("return", () -> score(examined.returns(seeds[1], MEASURED)))
                        .listener(new TrainerListener() {
                            @Override
                            public void resumed(List<EpochResult> done) { // the weights are other ones now
                                learning.copy();
                                practice.play(MouseGame.HORIZON, player, epsilon(done.size(), run.epochs()));
                            }

                            @Override
                            public void epochDone(EpochResult result) {
                                learning.copy();
                                practice.play(STEPS, player, epsilon(result.epoch(), run.epochs()));
                            }
                        });
                epochs = run.train(trainer, network);
            }
            if (run.interrupted()) {
                return;
            }

            // how well it plays
            run.picture("curves.png", MousePictures.curves(epochs));
            Policy random = Policy.random(run.seed());
            Policy byHand = new HandWritten(run.seed());
            try (Agent agent = new Agent(network, TEST, run.device());
                    Agent alone = new Agent(network, 1, run.device())) {
                Film film = new Film(alone, seeds[2]);
                run.picture("game.png", film);
                run.picture("game.gif", film.animation());
                run.say(String.format(
                        Locale.ROOT, "one decision takes %.1f us (median)", alone.microseconds(seeds[2], DECISIONS)));
                run.result(String.format(
                        Locale.ROOT,
                        "mean return of %d games: %s; hand-written policy %s; random moves %s",
                        TEST,
                        MousePictures.mean(agent.returns(seeds[2], TEST)),
                        MousePictures.mean(byHand.returns(seeds[2], TEST)),
                        MousePictures.mean(random.returns(seeds[2], TEST))));
            }
        }
    }

    private static Score score(double... returns) {
        double mean = Arrays.stream(returns).average().orElseThrow();
        return new Score(-mean, mean);
    }

    /** The share of random moves after so many epochs. */
    private double epsilon(int epoch, int epochs) {
        double last = Math.min(epsilon, LAST_EPSILON);
        return Math.max(last, epsilon + (last - epsilon) * 2 * epoch / epochs);
    }

    @Override
    public Optional<Predictor> predictor() {
        return Optional.of(new MousePredictor(new QNetwork(kind, new Generator(0, 0))));
    }

    /** What is learnt from then are random moves, the same on every device. */
    @Override
    public Trial trial() {
        return new Trial(40, 32, 0.0005);
    }

    @Override
    public String name() {
        return "mouse";
    }

    @Override
    public String part() {
        return "IV Applications";
    }

    @Override
    public String summary() {
        return "deep Q-learning: a mouse hunts for cheese";
    }

    @Override
    public long parameters() {
        return 29_956;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(60, 64, 0.0005);
    }
}
