package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.Interruption;
import org.circleosd.pluginmanager.sandbox.wasi.tree.MemoryTree;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/**
 * One guest's view of the system: WASI preview 1 with arguments, environment, standard streams, clocks, randomness and
 * the folders that were granted. There is no socket. For one thread at a time.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md">WASI preview 1</a>
 */
public final class Wasi implements AutoCloseable {

    private static final SecureRandom RANDOM = new SecureRandom();
    /** Random bytes come in pieces, so that a guest that wants 64 MiB of them is still stopped in time. */
    private static final int RANDOM_PIECE = 8192;

    private static final int STDERR = 2;

    private final WasiSettings settings;
    private final CallLog log;
    private final WasiClock clock = new WasiClock();
    private final Descriptors descriptors = new Descriptors();
    private final WasiFiles files = new WasiFiles(descriptors);
    private final WasiPaths paths = new WasiPaths(descriptors);
    private final WasiListing listing = new WasiListing(descriptors);
    private final WasiPoll poll = new WasiPoll(descriptors, clock);
    /** The folders in memory that this guest has looked at. */
    private final List<MemoryTree> memoryTrees = new ArrayList<>();

    private List<byte[]> args;
    private byte[] stdin = {};
    private GuestOutput stdout;

    /** Makes the view of a guest whose prints go to the log and whose stdin is empty. */
    public Wasi(WasiSettings settings, CallLog log) {
        this.settings = settings;
        this.log = log;
        this.args = List.of(terminated(settings.pluginName()));
        this.stdout = log.out();
        openStreams();
        openFolders();
    }

    /** Makes this the view of a command that reads its payload and writes its result. */
    public void beCommand(String name, String function, byte[] payload, GuestOutput result) {
        args = List.of(terminated(name), terminated(function));
        stdin = payload;
        stdout = result;
        for (int fd = 0; fd <= STDERR; fd++) {
            if (descriptors.isOpen(fd)) {
                descriptors.close(fd);
            }
        }
        openStreams();
    }

    /**
     * Passes on what the call printed. What the guest opened is closed and its folders in memory are empty again, unless
     * its state is to live on; standard streams that it closed are there again.
     */
    public void endCall() {
        log.endCall();
        clock.endCall();
        if (settings.stateful()) {
            openStreams();
        } else {
            close();
            openStreams();
            openFolders();
        }
    }

    /** Closes all that the guest has open. */
    @Override
    public void close() {
        descriptors.closeAll();
        memoryTrees.forEach(MemoryTree::discard);
        memoryTrees.clear();
    }

    public CallLog log() {
        return log;
    }

    Descriptors descriptors() {
        return descriptors;
    }

    WasiFiles files() {
        return files;
    }

    WasiPaths paths() {
        return paths;
    }

    WasiListing listing() {
        return listing;
    }

    WasiPoll poll() {
        return poll;
    }

    WasiClock clock() {
        return clock;
    }

    /** args_sizes_get(count, size of all with their NULs). */
    void argsSizes(GuestMemory memory, int countAt, int sizeAt) {
        sizes(memory, countAt, sizeAt, args);
    }

    /** args_get(array of addresses, texts with their NULs). */
    void args(GuestMemory memory, int addressesAt, int textAt) {
        texts(memory, addressesAt, textAt, args);
    }

    /** environ_sizes_get(count, size of all with their NULs). */
    void environSizes(GuestMemory memory, int countAt, int sizeAt) {
        sizes(memory, countAt, sizeAt, settings.environment());
    }

    /** environ_get(array of addresses, texts with their NULs). */
    void environ(GuestMemory memory, int addressesAt, int textAt) {
        texts(memory, addressesAt, textAt, settings.environment());
    }

    /** random_get(address, length). */
    void random(GuestMemory memory, int address, int length) {
        GuestData.check(memory, address, length);
        if (length < 0) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        byte[] piece = new byte[Math.min(length, RANDOM_PIECE)];
        for (int done = 0; done < length; done += piece.length) {
            Interruption.stopIfInterrupted();
            RANDOM.nextBytes(piece);
            memory.write(address + done, piece, 0, Math.min(piece.length, length - done));
        }
    }

    /** path_open(descriptor, lookup flags, path, flags, rights, rights to hand on, descriptor flags, answer). */
    void open(GuestMemory memory, long[] args) {
        int answerAt = (int) args[8];
        GuestData.check(memory, answerAt, 4);
        descriptors.get((int) args[0]);
        descriptors.checkRoom();
        Descriptor opened = WasiOpening.open(
                descriptors,
                memory,
                (int) args[0],
                (int) args[1],
                (int) args[2],
                (int) args[3],
                (int) args[4] & 0xffff,
                args[5],
                args[6],
                (int) args[7]);
        memory.writeInt(answerAt, descriptors.add(opened));
    }

    /** Says whether a range lies inside the memory; address and length are unsigned. */
    public static boolean fits(GuestMemory memory, int address, long length) {
        return Integer.toUnsignedLong(address) + length <= memory.size();
    }

    /** Opens the standard streams whose numbers are free. */
    private void openStreams() {
        for (int fd = 0; fd <= STDERR; fd++) {
            if (!descriptors.isOpen(fd)) {
                descriptors.put(fd, stream(fd));
            }
        }
    }

    private Descriptor stream(int fd) {
        OpenStream stream = fd == 0 ? OpenStream.of(stdin) : OpenStream.of(fd == STDERR ? log.err() : stdout);
        return new Descriptor(stream, false, null, fd == 0 ? WasiRights.STDIN : WasiRights.STDOUT, 0);
    }

    private void openFolders() {
        for (WasiSettings.Folder folder : settings.folders()) {
            OpenFolder opened = new OpenFolder(() -> folder.open(memoryTrees));
            long kept = folder.readOnly() ? ~WasiRights.CHANGING : ~0L;
            // To write is handed on even then: C libraries ask for no right that is not, and would open for reading
            // what is to be written. So they ask, and are told that the folder is for reading.
            long inheriting = ((WasiRights.FOLDER | WasiRights.FILE) & kept) | WasiRights.FD_WRITE;
            descriptors.add(new Descriptor(
                    opened, folder.readOnly(), "/" + folder.name(), WasiRights.FOLDER & kept, inheriting));
        }
    }

    private static void texts(GuestMemory memory, int addressesAt, int textAt, List<byte[]> texts) {
        GuestData.check(memory, addressesAt, texts.size() * 4);
        GuestData.check(
                memory, textAt, texts.stream().mapToInt(text -> text.length).sum());
        int at = textAt;
        for (int i = 0; i < texts.size(); i++) {
            memory.writeInt(addressesAt + i * 4, at);
            memory.write(at, texts.get(i), 0, texts.get(i).length);
            at += texts.get(i).length;
        }
    }

    private static void sizes(GuestMemory memory, int countAt, int sizeAt, List<byte[]> texts) {
        GuestData.check(memory, countAt, 4);
        GuestData.check(memory, sizeAt, 4);
        memory.writeInt(countAt, texts.size());
        memory.writeInt(sizeAt, texts.stream().mapToInt(text -> text.length).sum());
    }

    private static byte[] terminated(String text) {
        return (text + '\0').getBytes(UTF_8);
    }
}
