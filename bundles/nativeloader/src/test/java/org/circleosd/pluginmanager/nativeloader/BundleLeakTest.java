package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A hot update throws this bundle's class loader away: neither JNA nor a thread may hold it. */
@Timeout(120)
class BundleLeakTest {

    /** The bundle's own and those that it carries. */
    private static final List<String> PACKAGES =
            List.of(NativeRuntime.class.getPackageName() + ".", "org.circleosd.pluginmanager.worker.");

    private static final int MOST_COLLECTIONS = 200;

    @TempDir
    private Path folder;

    @Test
    void bundleThatCalledAndWasCalledBack_canBeCollected() throws Exception {
        Path library = CLibrary.compileResource(folder, "kit");
        WeakReference<ClassLoader> bundle = useAndDropABundle(library.toString());
        assertThat(isCollected(bundle)).isTrue();
    }

    private WeakReference<ClassLoader> useAndDropABundle(String library) throws Exception {
        ClassLoader bundle = new BundleLoader();
        Class<?> use = bundle.loadClass(Use.class.getName());
        assertThat(use).isNotEqualTo(Use.class);
        Object calls = ((Callable<?>) use.getConstructor(String.class, String.class)
                        .newInstance(library, folder.resolve("copies").toString()))
                .call();
        assertThat(calls).isEqualTo(List.of("[error] called back", "[warn] shut down"));
        return new WeakReference<>(bundle);
    }

    /** The JDK keeps the types of the records that were last compared for the first time: these take their place. */
    private record Last(String text) {}

    private static boolean isCollected(WeakReference<?> reference) {
        assertThat(new Last("a")).isEqualTo(new Last("a")).hasSameHashCodeAs(new Last("a"));
        // Cleared references, the cleaner's work and ended threads take a few rounds.
        for (int i = 0; i < MOST_COLLECTIONS && reference.get() != null; i++) {
            System.gc();
            Thread.onSpinWait();
        }
        return reference.get() == null;
    }

    /** A life of the bundle: start, load, call, be called back, stop. */
    public static final class Use implements Callable<List<String>> {

        private final String library;
        private final String copies;

        /** Takes the paths of a library and of a folder. */
        public Use(String library, String copies) {
            this.library = library;
            this.copies = copies;
        }

        @Override
        public List<String> call() throws Exception {
            Runtimes.Lines log = new Runtimes.Lines();
            NativeRuntime runtime = Runtimes.start(Path.of(copies));
            try (LoadedPlugin kit = Runtimes.load(
                    runtime, Path.of(library), Runtimes.manifest(Map.of()), InvocationLimits.DEFAULT, log)) {
                Runtimes.invoke(kit, "log", "called back");
            }
            runtime.close();
            return new ArrayList<>(log.lines);
        }
    }

    /** Has this room's classes itself and takes all others from the test's loader, as a bundle does. */
    private static final class BundleLoader extends URLClassLoader {

        BundleLoader() throws Exception {
            super(classPath(), BundleLeakTest.class.getClassLoader());
        }

        private static URL[] classPath() throws Exception {
            List<URL> urls = new ArrayList<>();
            for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
                urls.add(new File(part).toURI().toURL());
            }
            return urls.toArray(new URL[0]);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (PACKAGES.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }
}
