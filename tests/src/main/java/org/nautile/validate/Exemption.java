package org.nautile.validate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What a case may be let off. Every use is named in {@code exemptions.txt}, with its reason; see {@link Exemptions}. */
enum Exemption {
    /** Finite differences are not tried: inputs are at or near kinks or infinities. */
    ROUGH,
    /** Finite differences are not tried, and one wrong element instead of three: there are many elements. */
    LARGE,
    /** Results of nothing but zeros are what is expected. */
    ZEROS,
    /** Inputs with other strides may give other bits. */
    STRIDES,
    /** There is no gradient by a floating input, although there are gradients. */
    CONSTANT,
    /** The op may change an input. */
    STATE,
    /** There are no gradients, although there are floating inputs. */
    FORWARD,
    /** The result is a view: nothing is written into a given output, and no element of it can be made wrong. */
    VIEW,
    /** There are no elements that could be wrong. */
    NOTHING,
    /** A library computes the results of a device: other threads or strides may give other bits. */
    BORROWED;

    private static final int MOST_ELEMENTS = 5000;

    /** The checks of which at least one fails without the exemption; none where that is plain to see. */
    List<Check> checks() {
        return switch (this) {
            case ROUGH -> List.of(Check.DIFFERENCES);
            case STRIDES -> List.of(Check.STRIDED, Check.CHANNELS_LAST);
            case ZEROS, CONSTANT, STATE, FORWARD -> List.of(Check.AGREES);
            case LARGE, VIEW, NOTHING, BORROWED -> List.of();
        };
    }

    /** Whether a case makes use of it. */
    boolean isUsedBy(OpCase test) {
        boolean gradients = test.backwardBudget() != null;
        return switch (this) {
            case ROUGH, ZEROS, STRIDES -> test.states(this);
            case LARGE -> test.elements() > MOST_ELEMENTS;
            case CONSTANT -> gradients && !test.constants().isEmpty();
            case STATE -> !test.state().isEmpty();
            case FORWARD ->
                !gradients
                        && test.inputs().stream()
                                .anyMatch(input -> input.dtype().isFloating());
            case VIEW -> test.expected().view();
            case NOTHING ->
                Stream.concat(
                                Stream.of(test.expected().output()),
                                Arrays.stream(test.expected().gradients()))
                        .allMatch(result -> result.length == 0);
            case BORROWED -> false; // of ops and devices, not of cases
        };
    }

    /** As in the list. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
