package org.nautile.backend;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.backend.abi.LoadFailure;

/** What systems report when a library does not load, and the sentence made of it. */
class LoadFailureTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            libstdc++.so.6: cannot open shared object file: No such file or directory | libstdc++6
            libcuda.so.1: cannot open shared object file: No such file or directory | install NVIDIA's driver
            libcublas.so.13: cannot open shared object file: No such file or directory | LD_LIBRARY_PATH
            libcudnn_ops.so.9: cannot open shared object file: No such file or directory | LD_LIBRARY_PATH
            libother.so: cannot open shared object file: No such file or directory | libother.so, which is missing here; install it
            Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /c/libx.so) | with glibc
            /lib/libc.so.6: version `GLIBC_2.38' not found (required by /c/libx.so) | glibc 2.38
            /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /c/libx.so) | GLIBCXX_3.4.32
            /c/d/libx.so: failed to map segment from shared object: Operation not permitted | lies in /c/d, where
            /c/libx.so: invalid ELF header | is damaged (/c/libx.so)
            /c/libx.so: file too short | is damaged (/c/libx.so)
            /c/libx.so: cannot open shared object file: No such file or directory (Possible cause: can't load ARM 64 .so) | processor
            java.io.IOException: No space left on device | cannot be unpacked (No space left on device)
            java.io.FileNotFoundException: /c/.lock (Permission denied) | cachedir
            java.lang.NoClassDefFoundError: org/bytedeco/javacpp/Pointer | org.bytedeco.javacpp.Pointer is missing
            version 9.9 of another build than the engine's 0.1.0 | use jars of one build
            something else | please report this line
            """)
    void sentenceNamesReasonAndRemedy(String report, String expected) {
        String sentence = LoadFailure.sentence("libx.so", new UnsatisfiedLinkError(report));
        assertTrue(sentence.contains(expected), sentence);
        assertTrue(sentence.contains("; "), sentence);
        assertFalse(sentence.endsWith("."), sentence);
    }
}
