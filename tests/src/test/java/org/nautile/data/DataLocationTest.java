package org.nautile.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was named comes first, and is not passed over when it does not hold the data. */
class DataLocationTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void namedFolderOrOneInIt() throws IOException {
        Predicate<Path> isThere = path -> Files.exists(path.resolve("data"));
        NoSuchFileException e =
                assertThrows(NoSuchFileException.class, () -> DataLocation.find("set", folder, isThere));
        assertEquals(folder.toString(), e.getFile());
        assertTrue(String.valueOf(e.getReason()).contains("no data set 'set'"), e.getReason());
        Path inside = Files.createDirectory(folder.resolve("set"));
        Files.createFile(inside.resolve("data"));
        assertEquals(Optional.of(inside), DataLocation.find("set", folder, isThere));
        assertEquals(Optional.of(inside), DataLocation.find("set", inside, isThere));
    }

    @Test
    void firstOfTheSearchedFoldersThatHoldsIt() throws IOException {
        List<Path> searched = DataLocation.searched("set");
        for (Path path : searched) {
            assertEquals(Optional.of(path), DataLocation.find("set", null, path::equals));
        }
        assertEquals(Optional.of(searched.get(0)), DataLocation.find("set", null, path -> true));
        assertEquals(Optional.empty(), DataLocation.find("set", null, path -> false));
    }

    /** Prints the folders that are searched; the environment of a process cannot be changed from within. */
    public static void main(String[] args) {
        System.out.print(DataLocation.searched("set"));
    }

    @Test
    void environmentNamesTheFolders() throws IOException {
        String home =
                Path.of(System.getProperty("user.home"), ".cache/nautile/set").toString();
        assertEquals("[" + home + "]", searchedWith(Map.of()));
        assertEquals("[" + home + "]", searchedWith(Map.of("NAUTILE_DATA", " ", "XDG_CACHE_HOME", "")));
        assertEquals("[/d/set, " + home + "]", searchedWith(Map.of("NAUTILE_DATA", "/d")));
        assertEquals("[/d/set, /c/nautile/set]", searchedWith(Map.of("NAUTILE_DATA", "/d", "XDG_CACHE_HOME", "/c")));
    }

    private static String searchedWith(Map<String, String> environment) throws IOException {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DataLocationTest.class.getName());
        java.environment().keySet().removeAll(List.of("NAUTILE_DATA", "XDG_CACHE_HOME"));
        java.environment().putAll(environment);
        java.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = java.start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
