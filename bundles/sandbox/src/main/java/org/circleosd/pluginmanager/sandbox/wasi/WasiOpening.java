package org.circleosd.pluginmanager.sandbox.wasi;

import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileType;
import org.circleosd.pluginmanager.sandbox.wasi.tree.PathWalk;
import org.circleosd.pluginmanager.sandbox.wasi.tree.PathWalk.Place;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFile;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder.Access;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/** One {@code path_open}. */
final class WasiOpening {

    private static final int CREATE = 1;
    private static final int DIRECTORY = 1 << 1;
    private static final int EXCLUSIVE = 1 << 2;
    private static final int TRUNCATE = 1 << 3;
    private static final int ALL = 0xf;
    /** An entry that comes and goes at each try is changed by someone who means it. */
    private static final int TRIES = 3;

    private static final long WRITING = WasiRights.FD_WRITE | WasiRights.FD_ALLOCATE | WasiRights.FD_FILESTAT_SET_SIZE;

    private final Descriptor parent;
    private final int flags;
    private final long base;
    private final long inheriting;

    /**
     * Prepares an opening.
     *
     * @param base rights that are asked for; those that the parent does not hand on, or that what is opened cannot have,
     *     are left out, as WASI allows
     * @throws TreeFailure if the flags contradict each other or the parent does not have the rights that they need
     */
    WasiOpening(Descriptor parent, int flags, long base, long inheriting) {
        this.parent = parent;
        this.flags = flags;
        this.base = base;
        this.inheriting = inheriting;
        parent.folder();
        parent.need(WasiRights.PATH_OPEN);
        if ((flags & ~ALL) != 0 || (wants(DIRECTORY) && wants(CREATE | EXCLUSIVE | TRUNCATE))) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        if (wants(CREATE)) {
            parent.need(WasiRights.PATH_CREATE_FILE);
        }
        if (wants(TRUNCATE)) {
            parent.need(WasiRights.PATH_FILESTAT_SET_SIZE);
        }
        if ((base & WasiRights.FD_WRITE) != 0 && parent.readOnly()) {
            throw TreeFailure.of(WasiErrno.ROFS);
        }
    }

    /** Opens what is at a path; the descriptor has no number yet. */
    static Descriptor open(
            Descriptors descriptors,
            GuestMemory memory,
            int fd,
            int lookup,
            int pathAt,
            int length,
            int flags,
            long base,
            long inheriting,
            int descriptorFlags) {
        WasiOpening opening = new WasiOpening(descriptors.get(fd), flags, base, inheriting);
        String path = GuestData.text(memory, pathAt, length);
        boolean follow = WasiPaths.follows(lookup, path) && !opening.wants(EXCLUSIVE);
        Descriptor opened = opening.open(path, follow);
        boolean done = false;
        try {
            opened.setFlags(descriptorFlags & 0xffff);
            done = true;
            return opened;
        } finally {
            if (!done) {
                opened.opened().close();
            }
        }
    }

    private Descriptor open(String path, boolean follow) {
        for (int i = 0; i < TRIES; i++) {
            try (Place place = PathWalk.find(parent.folder().folder(), path, follow)) {
                if (place.isFolderItself()) {
                    return folder(place.folder()::openSelf);
                }
                FileStat stat = place.folder().find(place.name());
                if (stat != null) {
                    return existing(place, stat.type());
                } else if (!wants(CREATE)) {
                    throw TreeFailure.of(WasiErrno.NOENT);
                } else if (place.slash()) {
                    throw TreeFailure.of(WasiErrno.ISDIR);
                }
                return file(() -> place.folder().createFile(place.name(), access()));
            } catch (TreeFailure e) {
                // Someone else made it first: then it is opened, unless it must be new.
                if (e.errno() != WasiErrno.EXIST || wants(EXCLUSIVE)) {
                    throw e;
                }
            }
        }
        throw TreeFailure.of(WasiErrno.BUSY);
    }

    private Descriptor existing(Place place, FileType type) {
        if (wants(CREATE) && wants(EXCLUSIVE)) {
            throw TreeFailure.of(WasiErrno.EXIST);
        }
        if (type == FileType.FOLDER) {
            return folder(() -> place.folder().openFolder(place.name()));
        } else if (type == FileType.LINK) {
            throw TreeFailure.of(WasiErrno.LOOP);
        } else if (place.slash() || wants(DIRECTORY)) {
            throw TreeFailure.of(WasiErrno.NOTDIR);
        }
        return file(() -> place.folder().openFile(place.name(), access()));
    }

    private Descriptor folder(Supplier<TreeFolder> opening) {
        if (wants(CREATE | TRUNCATE) || (base & WasiRights.FD_WRITE) != 0) {
            throw TreeFailure.of(WasiErrno.ISDIR);
        }
        return new Descriptor(
                new OpenFolder(opening.get()),
                parent.readOnly(),
                null,
                base & parent.inheriting() & WasiRights.FOLDER,
                inheriting & parent.inheriting());
    }

    private Descriptor file(Supplier<TreeFile> opening) {
        long directions = base & (WasiRights.FD_READ | WasiRights.FD_WRITE);
        if ((directions & ~parent.inheriting()) != 0) {
            throw TreeFailure.of(WasiErrno.NOTCAPABLE);
        }
        TreeFile file = opening.get();
        boolean done = false;
        try {
            if (wants(TRUNCATE)) {
                file.resize(0);
            }
            done = true;
            return new Descriptor(new OpenFile(file), parent.readOnly(), null, fileRights(), 0);
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    private Access access() {
        boolean write = wants(TRUNCATE) || (fileRights() & WRITING) != 0;
        boolean read = !write || (fileRights() & WasiRights.FD_READ) != 0;
        if (!write) {
            return Access.READ;
        }
        return read ? Access.READ_WRITE : Access.WRITE;
    }

    private long fileRights() {
        return base & parent.inheriting() & WasiRights.FILE;
    }

    private boolean wants(int flag) {
        return (flags & flag) != 0;
    }
}
