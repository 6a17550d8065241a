package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.function.Consumer;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileType;
import org.circleosd.pluginmanager.sandbox.wasi.tree.NewTimes;
import org.circleosd.pluginmanager.sandbox.wasi.tree.PathWalk;
import org.circleosd.pluginmanager.sandbox.wasi.tree.PathWalk.Place;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/**
 * The functions of WASI that take a path, besides {@code path_open}. Every method throws {@link TreeFailure}, before it
 * has any effect if an address of the guest is wrong.
 */
final class WasiPaths {

    static final int FOLLOW = 1;

    private final Descriptors descriptors;

    WasiPaths(Descriptors descriptors) {
        this.descriptors = descriptors;
    }

    void stat(GuestMemory memory, int fd, int flags, int pathAt, int length, int statAt) {
        TreeFolder base = base(fd, WasiRights.PATH_FILESTAT_GET);
        GuestData.check(memory, statAt, GuestData.FILESTAT_SIZE);
        String path = GuestData.text(memory, pathAt, length);
        FileStat[] stat = new FileStat[1];
        at(base, path, follows(flags, path), place -> stat[0] = existing(place));
        GuestData.write(memory, statAt, stat[0]);
    }

    void setTimes(
            GuestMemory memory, int fd, int flags, int pathAt, int length, long accessed, long modified, int set) {
        TreeFolder base = base(fd, WasiRights.PATH_FILESTAT_SET_TIMES);
        String path = GuestData.text(memory, pathAt, length);
        NewTimes times = TimeChange.of(accessed, modified, set);
        at(base, path, follows(flags, path), place -> {
            existing(place);
            if (place.isFolderItself()) {
                place.folder().setTimes(times);
            } else {
                place.folder().setTimes(place.name(), times);
            }
        });
    }

    void createDirectory(GuestMemory memory, int fd, int pathAt, int length) {
        TreeFolder base = base(fd, WasiRights.PATH_CREATE_DIRECTORY);
        at(base, GuestData.text(memory, pathAt, length), false, place -> {
            refuseItself(place, WasiErrno.EXIST);
            place.folder().createFolder(place.name());
        });
    }

    void removeDirectory(GuestMemory memory, int fd, int pathAt, int length) {
        TreeFolder base = base(fd, WasiRights.PATH_REMOVE_DIRECTORY);
        at(base, GuestData.text(memory, pathAt, length), false, place -> {
            refuseItself(place, WasiErrno.INVAL);
            place.folder().removeFolder(place.name());
        });
    }

    void unlinkFile(GuestMemory memory, int fd, int pathAt, int length) {
        TreeFolder base = base(fd, WasiRights.PATH_UNLINK_FILE);
        at(base, GuestData.text(memory, pathAt, length), false, place -> {
            refuseItself(place, WasiErrno.ISDIR);
            boolean file = place.folder().need(place.name()).type() != FileType.FOLDER;
            if (file && place.slash()) {
                throw TreeFailure.of(WasiErrno.NOTDIR);
            }
            place.folder().removeFile(place.name());
        });
    }

    void readLink(GuestMemory memory, int fd, int pathAt, int length, int textAt, int room, int usedAt) {
        TreeFolder base = base(fd, WasiRights.PATH_READLINK);
        GuestData.check(memory, textAt, room);
        GuestData.check(memory, usedAt, 4);
        String path = GuestData.text(memory, pathAt, length);
        at(base, path, false, place -> {
            refuseItself(place, WasiErrno.INVAL);
            byte[] text = place.folder().readLink(place.name()).getBytes(UTF_8);
            int used = (int) Math.min(Integer.toUnsignedLong(room), text.length);
            memory.write(textAt, text, 0, used);
            memory.writeInt(usedAt, used);
        });
    }

    /** Refuses absolute texts: a program of the host that follows the link would leave the folder. */
    void symlink(GuestMemory memory, int textAt, int textLength, int fd, int pathAt, int length) {
        TreeFolder base = base(fd, WasiRights.PATH_SYMLINK);
        String text = GuestData.text(memory, textAt, textLength);
        String path = GuestData.text(memory, pathAt, length);
        if (text.startsWith("/")) {
            throw TreeFailure.of(WasiErrno.PERM);
        }
        at(base, path, false, place -> {
            checkFree(place);
            place.folder().createLink(place.name(), text);
        });
    }

    void link(GuestMemory memory, int fd, int flags, int pathAt, int length, int newFd, int newPathAt, int newLength) {
        TreeFolder base = base(fd, WasiRights.PATH_LINK_SOURCE);
        TreeFolder newBase = base(newFd, WasiRights.PATH_LINK_TARGET);
        String path = GuestData.text(memory, pathAt, length);
        String newPath = GuestData.text(memory, newPathAt, newLength);
        if (flags != 0) {
            // A link is linked, not what it leads to.
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        at(
                base,
                path,
                false,
                from -> at(newBase, newPath, false, to -> {
                    refuseItself(from, WasiErrno.PERM);
                    if (from.slash() && existing(from).type() == FileType.LINK) {
                        throw TreeFailure.of(WasiErrno.NOTDIR);
                    }
                    checkFree(to);
                    from.folder().link(from.name(), to.folder(), to.name());
                }));
    }

    void rename(GuestMemory memory, int fd, int pathAt, int length, int newFd, int newPathAt, int newLength) {
        TreeFolder base = base(fd, WasiRights.PATH_RENAME_SOURCE);
        TreeFolder newBase = base(newFd, WasiRights.PATH_RENAME_TARGET);
        String path = GuestData.text(memory, pathAt, length);
        String newPath = GuestData.text(memory, newPathAt, newLength);
        at(
                base,
                path,
                false,
                from -> at(newBase, newPath, false, to -> {
                    refuseItself(from, WasiErrno.BUSY);
                    refuseItself(to, WasiErrno.BUSY);
                    boolean folder = from.folder().need(from.name()).type() == FileType.FOLDER;
                    if (!folder && (from.slash() || to.slash())) {
                        throw TreeFailure.of(WasiErrno.NOTDIR);
                    }
                    from.folder().rename(from.name(), to.folder(), to.name());
                }));
    }

    /** Says whether a link at the end of a path is followed: when that is asked for, or a slash says it is a folder. */
    static boolean follows(int flags, String path) {
        return (flags & FOLLOW) != 0 || path.endsWith("/");
    }

    /** Describes what is at a place. */
    static FileStat existing(Place place) {
        if (place.isFolderItself()) {
            return place.folder().stat();
        }
        FileStat stat = place.folder().need(place.name());
        if (place.slash() && stat.type() != FileType.FOLDER && stat.type() != FileType.LINK) {
            throw TreeFailure.of(WasiErrno.NOTDIR);
        }
        return stat;
    }

    private TreeFolder base(int fd, long right) {
        Descriptor descriptor = descriptors.get(fd);
        OpenFolder folder = descriptor.folder();
        descriptor.need(right);
        return folder.folder();
    }

    private static void at(TreeFolder base, String path, boolean follow, Consumer<Place> work) {
        try (Place place = PathWalk.find(base, path, follow)) {
            work.accept(place);
        }
    }

    /** Checks that a name is free for something that is no folder. */
    private static void checkFree(Place place) {
        if (place.isFolderItself() || place.folder().find(place.name()) != null) {
            throw TreeFailure.of(WasiErrno.EXIST);
        }
        if (place.slash()) {
            throw TreeFailure.of(WasiErrno.NOENT);
        }
    }

    private static void refuseItself(Place place, int errno) {
        if (place.isFolderItself()) {
            throw TreeFailure.of(errno);
        }
    }
}
