package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * Finds where a path leads, component by component from one open folder to the next, and resolves links itself. A path
 * cannot leave the folder where it starts: {@code ..} goes back the way that was taken, and absolute paths and links
 * are refused with {@link WasiErrno#PERM}.
 */
public final class PathWalk {

    /** As Linux has it: most links on the way. */
    static final int MAX_LINKS = 40;

    /** Most bytes of a path, and of a link's text. */
    public static final int MAX_PATH = 4096;

    private static final String UP = "..";

    private final TreeFolder base;
    private final Deque<String> todo = new ArrayDeque<>();
    /** The folders on the way from the base to the present one; no links. */
    private final List<String> way = new ArrayList<>();

    private TreeFolder present;
    private boolean slash;
    private int links;

    private PathWalk(TreeFolder base, String path) {
        this.base = base;
        this.present = base;
        ahead(path);
    }

    /**
     * Finds a place.
     *
     * @param path not empty
     * @param follow whether a link at the end is followed
     * @return a place that the caller closes; whether there is something of its name is not said
     */
    public static Place find(TreeFolder base, String path, boolean follow) {
        PathWalk walk = new PathWalk(base, path);
        boolean found = false;
        try {
            Place place = walk.go(follow);
            found = true;
            return place;
        } finally {
            if (!found) {
                walk.leave();
            }
        }
    }

    private Place go(boolean follow) {
        while (!todo.isEmpty()) {
            Interruption.stopIfInterrupted();
            String name = todo.pop();
            if (name.equals(UP)) {
                back();
            } else if (!todo.isEmpty()) {
                enter(name);
            } else if (!follow || !isLink(name)) {
                return new Place(present, present != base, name, slash);
            } else {
                followLink(name);
            }
        }
        return new Place(present, present != base, "", true);
    }

    /** Puts the components of a path before those that are still to go. */
    private void ahead(String path) {
        if (path.startsWith("/")) {
            throw TreeFailure.of(WasiErrno.PERM);
        }
        if (path.isEmpty()) {
            throw TreeFailure.of(WasiErrno.NOENT);
        }
        slash |= todo.isEmpty() && path.endsWith("/");
        List<String> parts = Arrays.stream(path.split("/"))
                .filter(Predicate.not(String::isEmpty))
                .toList();
        for (int i = parts.size() - 1; i >= 0; i--) {
            // A dot says nothing, but that what stands before it is a folder.
            if (!parts.get(i).equals(".")) {
                todo.push(parts.get(i));
            } else if (todo.isEmpty()) {
                slash = true;
            }
        }
    }

    private void enter(String name) {
        TreeFolder next;
        try {
            next = present.openFolder(name);
        } catch (TreeFailure e) {
            if (e.errno() != WasiErrno.LOOP) {
                throw e;
            }
            followLink(name);
            return;
        }
        leave();
        present = next;
        way.add(name);
    }

    /** Goes the way again without its last folder: no folder but the present one is kept open. */
    private void back() {
        if (way.isEmpty()) {
            throw TreeFailure.of(WasiErrno.PERM);
        }
        List<String> names = new ArrayList<>(way.subList(0, way.size() - 1));
        way.clear();
        leave();
        present = base;
        for (String name : names) {
            Interruption.stopIfInterrupted();
            TreeFolder next = present.openFolder(name);
            leave();
            present = next;
            way.add(name);
        }
    }

    private boolean isLink(String name) {
        FileStat stat = present.find(name);
        return stat != null && stat.type() == FileType.LINK;
    }

    private void followLink(String name) {
        links++;
        if (links > MAX_LINKS) {
            throw TreeFailure.of(WasiErrno.LOOP);
        }
        ahead(present.readLink(name));
    }

    private void leave() {
        if (present != base) {
            present.close();
        }
    }

    /**
     * A name in a folder.
     *
     * @param folder where the name is
     * @param owned whether the folder was opened on the way
     * @param name of an entry; empty if the path leads to the folder itself
     * @param slash whether the path says that this is a folder
     */
    public record Place(TreeFolder folder, boolean owned, String name, boolean slash) implements AutoCloseable {

        /** Says whether the path leads to the folder itself. */
        public boolean isFolderItself() {
            return name.isEmpty();
        }

        @Override
        public void close() {
            if (owned) {
                folder.close();
            }
        }
    }
}
