package org.nautile.models.bert;

import java.util.Set;

/** Words of English grammar, before which a phrase ends. */
final class FunctionWords {
    /** The most words of a phrase. */
    static final int LONGEST = 4;

    static final Set<String> ENGLISH =
            Set.of(("a an the this that these those my your his her its our their some any no every each all both such "
                            + "i you he she it we they me him us them who which what there "
                            + "of in on at by for with from to into onto about over under after before between through "
                            + "during without within against as like than "
                            + "and or but nor so if because while when where although though "
                            + "is are was were be been being am has have had do does did will would can could may "
                            + "might must shall should not")
                    .split(" ", -1));

    private FunctionWords() {}
}
