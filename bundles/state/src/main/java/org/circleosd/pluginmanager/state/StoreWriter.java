package org.circleosd.pluginmanager.state;

import java.util.List;
import java.util.Map;

/** How a {@link QueuedStore} keeps things; all but reading is for its one thread. */
interface StoreWriter {

    /** Says in which file another provider has the state, which it will leave in another form; empty: none has. */
    String fileOfAnotherProvider();

    /** Reads what is there, and makes it ready to be written to. */
    void open();

    /** Makes each commit succeed or fail. */
    void write(List<Commit> batch);

    /** Returns a copy of a bucket, sorted by key; on any thread. */
    Map<String, byte[]> bucket(String name);

    /** Lets go of the folder. */
    void close();
}
