package org.nautile;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** The arrows between packages: models, nn, autograd, op, backend, C ABI, and no others. */
@AnalyzeClasses(packages = "org.nautile", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "org.nautile";

    /** What each package may use of the project, besides itself. The root package is {@code ""}. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            Map.entry("", List.of("backend")),
            Map.entry("backend", List.of("")),
            Map.entry("backend.reference", List.of("", "backend")),
            Map.entry("backend.abi", List.of("", "backend", "jni")),
            Map.entry("op", List.of("", "backend")),
            Map.entry("autograd", List.of("", "backend", "op")),
            Map.entry("nn", List.of("", "backend", "op", "autograd")),
            Map.entry("io", List.of("")),
            Map.entry("data", List.of("", "io")),
            Map.entry("optim", List.of("", "backend", "op", "autograd", "nn", "data", "io")));

    /** What java-api may use besides: it is to be embedded, so nothing for command lines, charts or JSON. */
    private static final List<String> LIBRARIES = List.of("java..", "org.slf4j..", "org.jspecify.annotations");

    private static String full(String name) {
        return name.isEmpty() ? ROOT : ROOT + '.' + name;
    }

    @ArchTest
    static void arrows(JavaClasses all) {
        ARROWS.forEach((name, targets) -> {
            List<String> allowed = new ArrayList<>(LIBRARIES);
            allowed.add(full(name));
            targets.forEach(target -> allowed.add(full(target)));
            if (targets.contains("jni")) {
                allowed.add("org.bytedeco..");
            }
            classes()
                    .that(resideInAPackage(full(name)))
                    .should()
                    .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new)))
                    .check(all);
        });
    }

    /** A new package of java-api must get its arrows. */
    @ArchTest
    static void everyPackageHasArrows(JavaClasses all) {
        Set<String> found = packages(all)
                .map(JavaPackage::getName)
                .filter(name -> !name.matches("org\\.nautile\\.(jni|models|validate)(\\..*)?"))
                .collect(Collectors.toSet());
        assertEquals(ARROWS.keySet().stream().map(ArchitectureTest::full).collect(Collectors.toSet()), found);
    }

    private static Stream<JavaPackage> packages(JavaClasses all) {
        return all.stream().map(JavaClass::getPackage).distinct();
    }

    /** Besides, the test kit learns from the binding which ops there are. */
    @ArchTest
    static final ArchRule onlyTheBackendKnowsTheBinding = noClasses()
            .that(not(resideInAnyPackage("org.nautile.backend.abi", "org.nautile.jni", "org.nautile.validate")))
            .should()
            .dependOnClassesThat(resideInAPackage("org.nautile.jni"));

    @ArchTest
    static final ArchRule nobodyNeedsTheCommandLine = noClasses()
            .that(not(resideInAnyPackage("org.nautile.models..", "org.nautile.validate..")))
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.nautile.models..", "org.nautile.validate.."));

    @ArchTest
    static final ArchRule onlyTheCommandLinePrints =
            noClasses().that(resideOutsideOfPackage("org.nautile.models.cli")).should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static void nullnessIsStated(JavaClasses all) {
        List<String> unmarked = packages(all)
                .filter(part -> !part.getName().equals("org.nautile.jni")) // generated
                .filter(part -> !part.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .toList();
        assertEquals(List.of(), unmarked);
    }
}
