package org.circleosd.pluginmanager.worker.linux;

/** What a worker is asked to do to itself, as the frame {@code CONFINE} has it. */
public final class ConfineRequest {

    /** The bit of {@link #flags} that refuses memory that is writable and executable. */
    public static final int EXACT_MEMORY = 1;

    private final int user;
    private final int flags;
    private final byte[] filter;

    ConfineRequest(int user, int flags, byte[] filter) {
        this.user = user;
        this.flags = flags;
        this.filter = filter;
    }

    /** Returns the user to run as; -1 for the one it has. */
    public int uid() {
        return user;
    }

    /** Returns the group to run as; -1 for the one it has. */
    public int gid() {
        return user;
    }

    /** Returns bits; bit 0: refuse memory that is writable and executable. */
    public int flags() {
        return flags;
    }

    /** Returns the seccomp program; empty for none. */
    public byte[] filter() {
        return filter.clone();
    }
}
