package org.circleosd.pluginmanager.nativeloader.program;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's archive of the classes that a worker uses: it halves the time of its start. It is written once for each Java
 * by a worker that is started for that, in the background; workers that are started meanwhile do without.
 */
final class ClassArchive implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(ClassArchive.class.getName());
    private static final String SUFFIX = ".jsa";
    private static final int READ_BYTES = 1 << 16;

    private final ProgramFolder folder;
    private final JvmCommand command;
    private final String prefix;
    private final Thread thread;
    private final TrainingRun training;
    private volatile List<String> current;

    private ClassArchive(ProgramFolder folder, JvmCommand command, String prefix) {
        this.folder = folder;
        this.command = command;
        this.prefix = prefix;
        this.training = new TrainingRun();
        this.current = command.with(null);
        this.thread = new NamedThreads("native-archive", NamedThreads.SMALL_STACK).newThread(this::make);
    }

    /** Finds the archive, or starts to make it. */
    static ClassArchive start(ProgramFolder folder, JvmCommand command) throws IOException {
        ClassArchive archive = new ClassArchive(folder, command, "classes-" + javaName() + "-");
        Path present = archive.find();
        if (present != null) {
            archive.current = command.with(present);
        } else {
            archive.thread.start();
        }
        return archive;
    }

    /** Returns how a worker is started now. */
    List<String> command() {
        return current;
    }

    void await() throws InterruptedException {
        thread.join();
    }

    @Override
    public void close() {
        training.stop();
    }

    private void make() {
        Path fresh = folder.fresh("classes");
        try {
            training.run(command.writing(fresh), folder.path());
            Path file = folder.path().resolve(prefix + checksum(fresh) + SUFFIX);
            current = command.with(ProgramFolder.publish(fresh, file, ProgramFolder.DATA));
        } catch (IOException e) {
            if (training.isStopped()) {
                return;
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "JVM workers start without an archive of classes, which is slower: {0}",
                    e.getMessage());
        } finally {
            remove(fresh);
        }
    }

    /** A damaged archive could crash the JVM, which looks at its head only: the name has its checksum. */
    private @Nullable Path find() throws IOException {
        Path found = null;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.path(), prefix + "*" + SUFFIX)) {
            for (Path file : files) {
                if (String.valueOf(file.getFileName()).equals(prefix + checksum(file) + SUFFIX)) {
                    found = file;
                } else {
                    Files.deleteIfExists(file);
                }
            }
        }
        return found;
    }

    private static String checksum(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] bytes = new byte[READ_BYTES];
        try (var in = Files.newInputStream(file)) {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                checksum.update(bytes, 0, count);
            }
        }
        return Long.toHexString(checksum.getValue());
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot remove {0}: {1}", file, e.getMessage());
        }
    }

    /** Another Java writes another archive, and would find ours useless. */
    private static String javaName() {
        String java = System.getProperty("java.home")
                + System.getProperty("java.vm.version")
                + System.getProperty("java.vm.vendor");
        return Integer.toHexString(java.hashCode());
    }
}
