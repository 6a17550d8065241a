package org.circleosd.pluginmanager.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.state.DurableFile.Stamp;
import org.circleosd.pluginmanager.state.DurableFile.UncertainWriteException;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Keeps all values in one file, {@code state}, that each commit replaces as a whole. That is simple and safe, and fast
 * enough for what changes as seldom as the set of plugins.
 *
 * <p>A damaged file is never written over: it is copied aside, nothing is read from it, and commits fail until an
 * operator has put it right. A disk that is full is tried again at the next commit; one that fails to make a write
 * durable is not: what it says cannot be relied on.
 */
@Component(service = StateStore.class, immediate = true, configurationPid = "org.circleosd.pluginmanager.state")
public final class FileStateStore implements StateStore {

    @interface Config {
        /** Folder of the state file; made if it is missing. There is no default. */
        String dir();
    }

    /** Largest state file, in bytes: the file is read and written as a whole. */
    static final int MAX_BYTES = 64 << 20;

    private static final System.Logger LOG = System.getLogger(FileStateStore.class.getName());

    private static final String NAME = "state";

    private final DurableFile file;

    /** What was last read or written; guarded by this, as is all below. */
    private Entries entries = Entries.NONE;

    private Optional<Stamp> stamp = Optional.empty();
    /** Why nothing is written any more. */
    private @Nullable Failure failure;

    /** Reads the state. */
    @Activate
    public FileStateStore(Config config) {
        this(folder(config.dir()), channel -> channel.force(true));
    }

    FileStateStore(Path folder, DurableFile.Disk disk) {
        file = new DurableFile(folder, NAME, disk);
        try {
            file.prepare();
        } catch (IOException e) {
            fail(
                    ErrorCode.STATE_READ_ONLY,
                    "the folder of " + file.path() + " cannot be used: " + reason(e)
                            + ". Restore its permissions, or start with --state and another folder");
        }
        refresh();
    }

    /** Ends the commit that is under way; later ones are refused, as another store may own the file by then. */
    @Deactivate
    synchronized void close() {
        failure = new Failure(ErrorCode.UNAVAILABLE, "the state store was stopped; try again");
    }

    @Override
    public synchronized Map<String, byte[]> entries(String bucket) {
        refresh();
        return entries.bucket(bucket);
    }

    @Override
    public synchronized void commit(List<Change> changes) {
        refresh();
        if (failure != null) {
            throw new PluginException(failure.code, failure.message);
        }
        Entries changed = entries.with(changes);
        byte[] content = StateFormat.encode(changed);
        if (content.length > MAX_BYTES) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE,
                    "the state would have " + content.length + " bytes; at most " + MAX_BYTES + " are kept");
        }
        try {
            stamp = Optional.of(file.replace(content));
            entries = changed;
        } catch (UncertainWriteException e) {
            throw fail(
                    ErrorCode.STATE_READ_ONLY,
                    "the disk failed while " + file.path() + " was made durable (" + reason(e)
                            + "); nothing is written any more. Check the disk, then restart");
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.STATE_READ_ONLY,
                    file.path() + " could not be written (" + reason(e)
                            + "); nothing was changed. Make room or restore the permissions, then try again");
        }
    }

    /**
     * Reads the file if it is not what was last read or written here: at the start, and when another version of this
     * bundle wrote it in between. A file that vanished is not read: the next commit writes all of it again.
     */
    private synchronized void refresh() {
        if (failure != null) {
            return;
        }
        try {
            Optional<Stamp> now = file.stamp();
            if (now.isPresent() && !now.equals(stamp)) {
                entries = StateFormat.decode(file.read(MAX_BYTES));
                stamp = now;
            }
        } catch (DamagedStateException e) {
            fail(
                    ErrorCode.STATE_CORRUPT,
                    "the state in " + file.path() + " is damaged: " + e.getMessage() + ". "
                            + keepAside()
                            + " Nothing is written until it is put right: put a good copy back, or move the file "
                            + "away to start with no plugins; then restart");
        } catch (IOException e) {
            fail(
                    ErrorCode.STATE_READ_ONLY,
                    "the state in " + file.path() + " cannot be read (" + reason(e)
                            + "); nothing is written until it can. Restore its permissions, then restart");
        }
    }

    private String keepAside() {
        try {
            return "A copy is in " + file.keepAside(file.read(Integer.MAX_VALUE)) + ".";
        } catch (IOException | DamagedStateException e) {
            return "No copy could be made (" + e.getMessage() + ").";
        }
    }

    /** Ends all writing and tells the operator, once. */
    private PluginException fail(ErrorCode code, String message) {
        LOG.log(System.Logger.Level.ERROR, message);
        failure = new Failure(code, message);
        return new PluginException(code, message);
    }

    /** File exceptions often have the path as their only message. */
    private static String reason(IOException e) {
        Throwable said = e instanceof UncertainWriteException && e.getCause() != null ? e.getCause() : e;
        return said.getClass().getSimpleName() + ": " + said.getMessage();
    }

    static Path folder(@Nullable String dir) {
        if (dir == null || dir.isBlank()) {
            throw new IllegalArgumentException("dir is empty; expected the folder of the state");
        }
        return Path.of(dir);
    }

    private record Failure(ErrorCode code, String message) {}
}
