package org.nautile.models.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.models.mouse.Agent;
import org.nautile.models.mouse.MouseGame;
import org.nautile.models.mouse.Move;
import org.nautile.models.mouse.QNetwork;
import org.nautile.nn.Module;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Plays the Mouse Game in the terminal, the user on one board and a trained mouse on another that began alike. */
@Command(
        name = "play",
        sortOptions = false,
        header = "Play the Mouse Game against a trained mouse.",
        description = {
            "Two boards that begin alike: yours, and that of the mouse, which takes as many steps as you. Type w (up),"
                    + " a (left), s (down) or d (right), several at once if you like, and Enter; q ends the game.",
            "",
            "@ is the mouse, o cheese (+0.5), x poison (-1). The mouse sees only the 5 x 5 cells around it."
        },
        parameterListHeading = "%n")
public final class PlayCommand implements Subcommand {
    private static final Map<Character, Move> KEYS =
            Map.of('w', Move.UP, 'a', Move.LEFT, 's', Move.DOWN, 'd', Move.RIGHT);
    private static final String GAP = "     ";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a training of mouse: that of its --out.")
    private Path folder = Path.of("");

    @Option(names = "--seed", paramLabel = "N", description = "The seed of the board. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DeviceOption device = new DeviceOption();

    /** For {@link java.util.ServiceLoader}. */
    public PlayCommand() {}

    @Override
    public Integer call() throws IOException {
        device.check();
        device.use();
        try (Module network = new RunFolder(folder).predictor().network()) {
            if (!(network instanceof QNetwork)) {
                throw new CommandException(folder + ": not a training of mouse");
            }
            try (Agent agent = new Agent(network, 1, Device.defaultDevice())) {
                // not closed, for it is not ours
                play(agent, new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())));
            }
        }
        return 0;
    }

    private void play(Agent agent, BufferedReader keys) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        MouseGame mine = new MouseGame(seed);
        MouseGame its = new MouseGame(seed);
        boolean ended = false;
        while (!ended) {
            show(out, mine, its);
            String line = mine.done() ? null : keys.readLine();
            ended = line == null || !follow(line, agent, mine, its);
        }
        double difference = mine.total() - its.total();
        String verdict = difference > 0 ? "you win" : difference < 0 ? "the mouse wins" : "a draw";
        out.println(String.format(
                Locale.ROOT,
                "after %d steps: you %.1f, the mouse %.1f: %s",
                mine.steps(),
                mine.total(),
                its.total(),
                verdict));
        out.flush();
    }

    /** Takes the steps that were typed; false to end the game. */
    private static boolean follow(String line, Agent agent, MouseGame mine, MouseGame its) {
        for (char key : line.toLowerCase(Locale.ROOT).toCharArray()) {
            @Nullable Move move = KEYS.get(key);
            if (key == 'q') {
                return false;
            }
            if (move != null && !mine.done()) {
                mine.step(move);
                its.step(agent.choose(List.of(its)).get(0));
            }
        }
        return true;
    }

    private static void show(PrintWriter out, MouseGame mine, MouseGame its) {
        String scores = String.format(
                Locale.ROOT,
                "you %.1f, the mouse %.1f, %d steps left",
                mine.total(),
                its.total(),
                MouseGame.HORIZON - mine.steps());
        for (int r = -1; r <= MouseGame.SIZE; r++) {
            out.println(row(mine, r) + GAP + row(its, r));
        }
        out.println(scores);
        out.flush();
    }

    private static String row(MouseGame game, int r) {
        StringBuilder row = new StringBuilder();
        for (int c = -1; c <= MouseGame.SIZE; c++) {
            boolean mouse = r == game.row() && c == game.column();
            row.append(mouse ? '@' : ".ox#".charAt(game.cell(r, c).ordinal())).append(' ');
        }
        return row.toString();
    }
}
