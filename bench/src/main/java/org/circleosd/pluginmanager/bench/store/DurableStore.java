package org.circleosd.pluginmanager.bench.store;

import java.io.Closeable;
import java.util.Map;

/** A store that is compared; for many threads. */
public interface DurableStore extends Closeable {

    /** Puts records; all are on disk when this returns. */
    void put(Map<String, byte[]> records);

    /** Reads all records and counts them. */
    long count();
}
