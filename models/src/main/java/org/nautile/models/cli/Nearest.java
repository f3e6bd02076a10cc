package org.nautile.models.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Finds what somebody may have meant. */
public final class Nearest {
    private Nearest() {}

    /**
     * The names that are a typing error or two away, or that the word begins, nearest first.
     *
     * @param word what was typed
     * @param names what is possible
     * @return at most three
     */
    public static List<String> of(String word, Collection<String> names) {
        String lower = word.toLowerCase(Locale.ROOT);
        int allowed = Math.max(1, lower.replace("-", "").length() / 3);
        record Candidate(String name, int distance) {}
        return names.stream()
                .distinct()
                .map(name -> new Candidate(name, distance(lower, name.toLowerCase(Locale.ROOT))))
                .filter(candidate -> candidate.distance <= allowed)
                .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .limit(3)
                .map(Candidate::name)
                .toList();
    }

    /**
     * The end of an error message.
     *
     * @param word what was typed
     * @param names what is possible
     * @return for example {@code "; did you mean mnist-mlp?"}; empty if nothing is near
     */
    public static String hint(String word, Collection<String> names) {
        List<String> near = of(word, names);
        return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    }

    /**
     * Refuses names that do not exist, as wrong usage.
     *
     * @param command the command they were given to
     * @param kind what they name, for example {@code "device"}
     * @param names what was typed
     * @param known what is possible
     */
    public static void require(CommandLine command, String kind, Collection<String> names, Collection<String> known) {
        for (String name : names) {
            if (!known.contains(name)) {
                String hint = hint(name, known);
                throw new ParameterException(
                        command,
                        "unknown " + kind + " " + name
                                + (hint.isEmpty() ? "; there are " + String.join(", ", known) : hint));
            }
        }
    }

    /** Insertions, deletions, changes and swaps of neighbours (Damerau 1964); 1 where one begins the other. */
    private static int distance(String a, String b) {
        if (a.length() >= 3 && b.startsWith(a)) {
            return 1;
        }
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
