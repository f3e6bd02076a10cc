package example;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs {@link Embedded} in two class loaders of one JVM, as an application server does with two applications: each with all
 * jars of its own ({@code own}), or both with JavaCPP from a parent that they share ({@code shared}).
 */
public final class TwoLoaders {
    private TwoLoaders() {}

    public static void main(String[] args) throws Exception {
        List<URL> common = new ArrayList<>();
        List<URL> own = new ArrayList<>();
        for (String entry : args[1].split(File.pathSeparator)) {
            boolean shared = args[0].equals("shared") && new File(entry).getName().startsWith("javacpp");
            (shared ? common : own).add(url(entry));
        }
        ClassLoader parent = new URLClassLoader(common.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        for (int i = 0; i < 2; i++) {
            ClassLoader loader = new URLClassLoader(own.toArray(new URL[0]), parent);
            try {
                System.out.println(loader.loadClass("example.Embedded")
                        .getMethod("run", String.class)
                        .invoke(null, "cpu"));
            } catch (InvocationTargetException e) {
                System.out.println(e.getCause().getMessage());
            }
        }
    }

    private static URL url(String entry) throws MalformedURLException {
        return new File(entry).toURI().toURL();
    }
}
