package org.circleosd.pluginmanager.engine.chicory.admission;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;
import org.circleosd.pluginmanager.engine.chicory.store.CodeStore;

/** Compiles each module in a Java process of its own, which is killed when it takes too much. Thread-safe. */
public final class ChildCompiler implements AutoCloseable {

    private static final Logger LOG = System.getLogger(ChildCompiler.class.getName());

    private final String program;
    private final ChildClasspath classpath;
    private final List<Path> folders;
    private final ChildLimits limits;

    /**
     * Makes a compiler.
     *
     * @param program the class whose main method compiles: it writes a {@link ChildOutput} to standard output
     * @param needs one class of each bundle that the program needs
     * @param folders for the files of the children; the first that can be written is used
     */
    public ChildCompiler(Class<?> program, List<Class<?>> needs, List<Path> folders, ChildLimits limits) {
        this.program = program.getName();
        this.classpath = new ChildClasspath(needs);
        this.folders = List.copyOf(folders);
        this.limits = limits;
    }

    /**
     * Compiles a module.
     *
     * @param mostBytes of the module without code, and of all classes
     * @throws PluginException what the program refused with; {@link ErrorCode#LIMIT_EXCEEDED} if it took more time or
     *     memory than allowed, {@link ErrorCode#UNAVAILABLE} if it cannot be started, {@link ErrorCode#CANCELLED} if
     *     the thread was interrupted
     */
    public CodeImage compile(byte[] wasm, long mostBytes, CompileProgress progress) {
        try (Child child = start()) {
            return child.compile(wasm, mostBytes, progress);
        }
    }

    private Child start() {
        IOException failure = new IOException("there is no folder for its files");
        for (Path folder : folders) {
            try {
                return Child.start(makeHome(folder), home -> command(folder, home), limits);
            } catch (IOException e) {
                failure = e;
            }
        }
        LOG.log(Level.WARNING, "cannot start a process that compiles", failure);
        throw Child.cannotStart(failure.toString());
    }

    /** Named like all unfinished work, so that somebody removes what a crash leaves. */
    private static Path makeHome(Path folder) throws IOException {
        return Files.createDirectory(
                folder.resolve("child-" + UUID.randomUUID() + CodeStore.UNFINISHED),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private List<String> command(Path folder, Path home) throws IOException {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // What the virtual machine itself has to say must not get between the result.
                "-XX:+DisplayVMOutputToStderr",
                "-Xmx" + (limits.heapBytes() >> 10) + "k",
                "-Xss" + (NamedThreads.GUEST_STACK >> 10) + "k",
                "-XX:MaxMetaspaceSize=256m",
                // It lives for seconds: starting fast is worth more than running fast.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-CreateCoredumpOnCrash",
                // Nothing in a folder that others share.
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + home,
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "-cp",
                classpath.path(folder),
                program);
    }

    /** Removes the files that all children share. */
    @Override
    public void close() {
        try {
            classpath.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the classes of the children are left for the next start to remove", e);
        }
    }
}
