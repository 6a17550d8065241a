package org.circleosd.pluginmanager.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SortedSet;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.state.FileHeader.Kind;
import org.circleosd.pluginmanager.state.FrameReader.Rest;
import org.circleosd.pluginmanager.state.Recovery.Found;

/** What happens between reading a folder and writing to it. */
final class Opening {

    /** The operator's word that what cannot be read is to be given up; goes when that was done. */
    static final String ACCEPT_LOSS = "accept-loss";
    /** What the first version of the store kept all in, and what another provider leaves. */
    static final String FORMAT_1 = "state";

    private static final System.Logger LOG = System.getLogger(Opening.class.getName());

    private final Disk disk;
    private final JournalWriter writer;

    Opening(Disk disk, JournalWriter writer) {
        this.disk = disk;
        this.writer = writer;
    }

    void proceed(Found found) throws IOException {
        for (String note : found.notes()) {
            LOG.log(System.Logger.Level.ERROR, note + ". All of it was read from older files; nothing is lost");
        }
        SortedSet<String> names = disk.names();
        StringBuilder copies = new StringBuilder();
        for (String name : found.damagedFiles()) {
            copies.append(' ').append(keepAside(name));
        }
        String corruption = found.corruption();
        if (corruption == null) {
            removeLeftovers(names);
            goOn(found);
        } else if (names.contains(ACCEPT_LOSS)) {
            removeLeftovers(names);
            writer.renew(lastNumber(names) + 1);
            LOG.log(
                    System.Logger.Level.WARNING,
                    corruption + "." + copies + " As " + disk.path(ACCEPT_LOSS) + " says, what could not be read is"
                            + " given up; " + found.entries().count() + " entries are there");
            disk.delete(ACCEPT_LOSS);
        } else {
            writer.fail(
                    ErrorCode.STATE_CORRUPT,
                    "the state is damaged: " + corruption + "." + copies + " "
                            + found.entries().count() + " entries up to record " + found.sequence()
                            + " are sure and can be read. Nothing is written until it is put right: put good copies of"
                            + " all files back, or make an empty file " + disk.path(ACCEPT_LOSS)
                            + " to go on without what was lost; then restart");
        }
    }

    private void goOn(Found found) throws IOException {
        FileHeader header = found.journal();
        if (header != null) {
            writer.use(JournalFile.open(disk, header, writer.reserveBytes(), found.end()), found.isClosed());
            if (found.rest() == Rest.NO_FRAME) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cut off the end of {0} behind byte {1}: a write that had not ended when the daemon or the"
                                + " system stopped",
                        disk.path(header.fileName()),
                        found.end());
            }
            if (!found.isClosed()) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "the state in {0} was not closed when the daemon stopped; read up to record {1}",
                        disk.path(""),
                        found.sequence());
            }
        }
        adoptFormat1();
        // What a process reads that followed a failed one may be in memory only: it is written once more. Damaged
        // snapshots are replaced the same way.
        if (header != null && (!found.isClosed() || !found.damagedFiles().isEmpty())) {
            try {
                writer.renew(header.number() + 1);
            } catch (UncertainWriteException e) {
                throw e;
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "no snapshot could be made in {0} ({1}); the journals before it are kept",
                        disk.path(""),
                        Reasons.of(e));
            }
        }
    }

    /** Takes over the file of the first version, or of another provider: a commit, then its removal, so that a crash between does no harm. */
    private void adoptFormat1() throws IOException {
        if (!disk.names().contains(FORMAT_1)) {
            return;
        }
        try {
            Entries old = StateFormat.decode(content(disk, FORMAT_1));
            if (writer.entries().count() == 0) {
                writer.adopt(old);
                LOG.log(
                        System.Logger.Level.INFO,
                        "took over {0} entries of {1}, which an older version or another provider wrote",
                        old.count(),
                        disk.path(FORMAT_1));
            } else if (!Arrays.equals(StateFormat.encode(old), StateFormat.encode(writer.entries()))) {
                writer.fail(
                        ErrorCode.STATE_CORRUPT,
                        "there are two states: " + disk.path(FORMAT_1)
                                + ", which an older version or another provider wrote, and the"
                                + " journal beside it, and they differ. Nothing is written until one of them is moved"
                                + " away: that file, or all files journal.* and snapshot.*; then restart");
                return;
            }
            disk.delete(FORMAT_1);
            disk.force();
        } catch (DamagedStateException e) {
            writer.fail(
                    ErrorCode.STATE_CORRUPT,
                    "the state in " + disk.path(FORMAT_1) + " is damaged: " + e.getMessage() + ". "
                            + keepAside(FORMAT_1)
                            + " Nothing is written until it is put right: put a good copy back, or move the file away"
                            + " to go on without it; then restart");
        }
    }

    private void removeLeftovers(SortedSet<String> names) throws IOException {
        for (String name : names) {
            String target = name.endsWith(NewFile.TEMPORARY)
                    ? name.substring(0, name.length() - NewFile.TEMPORARY.length())
                    : "";
            if (Kind.JOURNAL.numberOf(target) > 0
                    || Kind.SNAPSHOT.numberOf(target) > 0
                    || name.matches("state\\..*\\.tmp")) {
                disk.delete(name);
            }
        }
    }

    /** Copies a file under the first free name {@code NAME.corrupt-N}, unless it is there already; returns a sentence. */
    private String keepAside(String name) {
        try {
            byte[] content = content(disk, name);
            SortedSet<String> names = disk.names();
            for (int n = 1; ; n++) {
                String copy = name + ".corrupt-" + n;
                if (!names.contains(copy)) {
                    NewFile.make(disk, copy, file -> file.write(ByteBuffer.wrap(content), 0))
                            .close();
                } else if (!Arrays.equals(content(disk, copy), content)) {
                    continue;
                }
                return "A copy is in " + disk.path(copy) + ".";
            }
        } catch (IOException e) {
            return "No copy could be made (" + Reasons.of(e) + ").";
        }
    }

    /** Reads a whole file. */
    static byte[] content(Disk disk, String name) throws IOException {
        try (Disk.DiskFile file = disk.open(name)) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(file.size()));
            while (content.hasRemaining() && file.read(content, content.position()) > 0) {
                // A read may bring less than was asked for.
            }
            return Arrays.copyOf(content.array(), content.position());
        }
    }

    private static long lastNumber(SortedSet<String> names) {
        return names.stream()
                .mapToLong(name -> Math.max(Kind.JOURNAL.numberOf(name), Kind.SNAPSHOT.numberOf(name)))
                .max()
                .orElse(0);
    }
}
