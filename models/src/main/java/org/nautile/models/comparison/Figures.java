package org.nautile.models.comparison;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers of measurements as text: as many digits as they are worth. */
public final class Figures {
    /** Stands where there is no number. */
    public static final String NONE = "–";

    private static final MathContext DIGITS = new MathContext(3);
    private static final MathContext FEW = new MathContext(2);

    private Figures() {}

    /**
     * Three digits.
     *
     * @param value any number
     * @return for example {@code "0.0123"}, {@code "12.3"}, {@code "12300"}; {@link #NONE} if it is none
     */
    public static String number(double value) {
        return rounded(value, DIGITS);
    }

    /**
     * The number that {@link #number} shows.
     *
     * @param value a finite number
     * @return rounded to three digits
     */
    public static double rounded(double value) {
        return BigDecimal.valueOf(value).round(DIGITS).doubleValue();
    }

    private static String rounded(double value, MathContext digits) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        BigDecimal rounded = BigDecimal.valueOf(value).round(digits);
        return (rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros()).toPlainString();
    }

    /**
     * A time.
     *
     * @param seconds how long
     * @return for example {@code "0.52 ms"}, {@code "12.3 us"}, {@code "4.1 s"}
     */
    public static String time(double seconds) {
        if (!(seconds < 1)) {
            return number(seconds) + " s";
        }
        return seconds < 1e-3 ? number(1e6 * seconds) + " us" : number(1e3 * seconds) + " ms";
    }

    /**
     * Milliseconds with their spread.
     *
     * @param seconds measured times
     * @return for example {@code "0.524 (0.51-0.56)"}: median and quartiles
     */
    public static String milliseconds(Quantiles seconds) {
        return number(1e3 * seconds.median()) + " (" + rounded(1e3 * seconds.quantile(1), FEW) + "-"
                + rounded(1e3 * seconds.quantile(3), FEW) + ")";
    }

    /**
     * Memory.
     *
     * @param bytes how much; 0 if unknown
     * @return for example {@code "12.3 MB"}; {@link #NONE} if unknown
     */
    public static String megabytes(long bytes) {
        return bytes == 0 ? NONE : number(bytes / 1e6) + " MB";
    }

    /**
     * A large whole number.
     *
     * @param number any number
     * @return for example {@code "52 650"}
     */
    public static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    /**
     * How many there are of something.
     *
     * @param number how many
     * @param one what one is called; several have an s behind it
     * @return for example {@code "1 thread"}, {@code "2 threads"}
     */
    public static String count(long number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }

    /**
     * A share.
     *
     * @param part from 0 to 1
     * @return for example {@code "45 %"}
     */
    public static String percent(double part) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * part);
    }
}
