package org.circleosd.pluginmanager.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** Keeps what must survive: byte values by bucket and key. Thread-safe. */
@ProviderType
public interface StateStore {

    /**
     * One change.
     *
     * @param bucket what the value belongs to, as {@code plugins}; 1 to 255 bytes of UTF-8
     * @param key within the bucket; 1 to 255 bytes of UTF-8
     * @param value new value; null deletes
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Change(String bucket, String key, byte @Nullable [] value) {}

    /** Returns the entries of a bucket, sorted by key; a snapshot, empty for an unknown bucket. */
    Map<String, byte[]> entries(String bucket);

    /**
     * Makes changes, all or none of them. They are on disk when this returns: after a crash they are there.
     *
     * @throws PluginException {@link ErrorCode#STATE_READ_ONLY} if nothing can be written, {@link ErrorCode#STATE_CORRUPT}
     *     if what is on disk cannot be trusted, {@link ErrorCode#TOO_LARGE} if it would be more than is kept,
     *     {@link ErrorCode#UNAVAILABLE} if the store was stopped; nothing was changed
     */
    void commit(List<Change> changes);
}
