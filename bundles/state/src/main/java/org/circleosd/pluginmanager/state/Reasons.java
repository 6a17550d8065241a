package org.circleosd.pluginmanager.state;

import java.io.IOException;

/** What exceptions of the file system say, for messages. */
final class Reasons {

    private Reasons() {}

    /** Such exceptions often have the path as their only message. */
    static String of(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
