package org.circleosd.pluginmanager.nativeloader.program;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The program of the worker processes: the small C program, or a JVM with the classes that this bundle carries. Its files
 * are made in a private folder, which stays for the next start. Thread-safe.
 */
public final class WorkerFiles implements AutoCloseable {

    /** Setting: the C program if it runs here, else the JVM. */
    public static final String AUTO = "auto";
    /** Setting and kind. */
    public static final String C = "c";
    /** Setting and kind. */
    public static final String JVM = "jvm";

    private static final System.Logger LOG = System.getLogger(WorkerFiles.class.getName());
    private static final int NAME_BYTES = 8;
    private static final Class<?> MAIN_CLASS = org.circleosd.pluginmanager.worker.WorkerProgram.class;

    private final String kind;
    private final ProgramFolder folder;
    private final List<Path> readable;
    private final List<String> command;
    private final @Nullable ClassArchive archive;

    private WorkerFiles(
            String kind,
            ProgramFolder folder,
            List<Path> readable,
            List<String> command,
            @Nullable ClassArchive archive) {
        this.kind = kind;
        this.folder = folder;
        this.readable = readable;
        this.command = command;
        this.archive = archive;
    }

    /**
     * Makes the files.
     *
     * @param parent folder for them, of this use only; made if it is missing, mode 0700
     * @param choice {@link #AUTO}, {@link #C} or {@link #JVM}
     * @throws IllegalArgumentException if the choice is none
     * @throws IOException if they cannot be made, or if the C program was asked for and does not run here
     */
    public static WorkerFiles prepare(Path parent, String choice) throws IOException {
        if (!List.of(AUTO, C, JVM).contains(choice)) {
            throw new IllegalArgumentException(
                    "worker = " + choice + ": expected '" + AUTO + "', '" + C + "' or '" + JVM + "'");
        }
        if (!choice.equals(JVM)) {
            try {
                return c(parent);
            } catch (IOException e) {
                if (choice.equals(C)) {
                    throw new IOException("worker = " + C + ": " + e.getMessage() + "; or set worker = " + AUTO, e);
                }
                LOG.log(System.Logger.Level.INFO, "native plugins run in JVM workers: {0}", e.getMessage());
            }
        }
        return jvm(parent);
    }

    /** Returns {@link #C} or {@link #JVM}. */
    public String kind() {
        return kind;
    }

    /** Returns the command that starts a worker. It changes when the JVM's archive of classes is ready. */
    public List<String> command() {
        return archive == null ? command : archive.command();
    }

    /** Returns what a worker has to read or execute. */
    public List<Path> readable() {
        return readable;
    }

    /** Returns all of a worker's environment. */
    public Map<String, String> environment() {
        if (Platform.isWindows()) {
            // Without it the system's libraries are not found.
            return Map.of("SystemRoot", System.getenv().getOrDefault("SystemRoot", "C:\\Windows"));
        }
        return Map.of("LANG", "C.UTF-8");
    }

    /** Waits until the JVM's archive of classes is there, or has failed; without one it returns at once. */
    public void awaitArchive() throws InterruptedException {
        if (archive != null) {
            archive.await();
        }
    }

    /** Ends what goes on in the background; the files stay. Workers that run are not touched. */
    @Override
    public void close() {
        if (archive != null) {
            archive.close();
        }
        try {
            folder.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} stays marked as used: {1}", folder.path(), e.getMessage());
        }
    }

    private static WorkerFiles c(Path parent) throws IOException {
        String resource = "/native/" + Platform.RESOURCE_PREFIX + "/worker";
        byte[] program;
        try (InputStream in = WorkerFiles.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("this build has no C worker for " + Platform.RESOURCE_PREFIX);
            }
            program = in.readAllBytes();
        }
        ProgramFolder folder = ProgramFolder.open(parent, name(C, program));
        try {
            Path file = folder.file("worker", program, ProgramFolder.PROGRAM);
            CProgram.check(file);
            List<Path> readable = new ArrayList<>(ReadablePaths.libraries());
            readable.add(file);
            return new WorkerFiles(C, folder, List.copyOf(readable), List.of(file.toString()), null);
        } catch (IOException e) {
            folder.close();
            throw e;
        }
    }

    private static WorkerFiles jvm(Path parent) throws IOException {
        byte[] jar = new ClassFiles()
                .add(MAIN_CLASS, MAIN_CLASS.getPackageName())
                .add(Native.class, Native.class.getPackageName())
                .jar();
        String library = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + System.mapLibraryName("jnidispatch");
        byte[] jni;
        try (InputStream in = Native.class.getResourceAsStream(library)) {
            if (in == null) {
                throw new IOException("JNA has no " + library);
            }
            jni = in.readAllBytes();
        }
        ProgramFolder folder = ProgramFolder.open(parent, name(JVM, jar, jni));
        try {
            Path classes = folder.file("worker.jar", jar, ProgramFolder.DATA);
            folder.file(System.mapLibraryName("jnidispatch"), jni, ProgramFolder.PROGRAM);
            JvmCommand command = new JvmCommand(classes, folder.path(), MAIN_CLASS.getName());
            List<Path> readable = new ArrayList<>(ReadablePaths.libraries());
            readable.addAll(ReadablePaths.withLinkedPlaces(JvmCommand.javaHome()));
            readable.add(folder.path());
            return new WorkerFiles(
                    JVM, folder, List.copyOf(readable), command.with(null), ClassArchive.start(folder, command));
        } catch (IOException e) {
            folder.close();
            throw e;
        }
    }

    private static String name(String kind, byte[]... contents) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] content : contents) {
                digest.update(content);
            }
            return kind + "-" + HexFormat.of().formatHex(digest.digest(), 0, NAME_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
