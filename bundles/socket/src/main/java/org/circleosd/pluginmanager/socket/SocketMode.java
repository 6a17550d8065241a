package org.circleosd.pluginmanager.socket;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The permission bits of the socket's file; whoever may write it may connect.
 *
 * @param bits three octal digits
 */
record SocketMode(int bits) {

    private static final Pattern SYNTAX = Pattern.compile("0?[0-7]{3}");
    /** From the lowest bit. */
    private static final PosixFilePermission[] BY_BIT = {
        PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ
    };

    /** Reads octal digits, as 0600. */
    static SocketMode parse(String text) throws CannotListenException {
        if (!SYNTAX.matcher(text.trim()).matches()) {
            throw new CannotListenException("mode is '" + text
                    + "'; expected three octal digits as 0600 or 0660; set it in the socket's .cfg file");
        }
        return new SocketMode(Integer.parseInt(text.trim(), 8));
    }

    Set<PosixFilePermission> permissions() {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < BY_BIT.length; bit++) {
            if ((bits & 1 << bit) != 0) {
                permissions.add(BY_BIT[bit]);
            }
        }
        return permissions;
    }
}
