package org.circleosd.pluginmanager.socket;

import java.time.Duration;

/** The limits of the connections, checked; {@link SocketServer.Config} says what each is. */
record Settings(
        int backlog,
        int maxConnections,
        int maxRequestBytes,
        int maxQueuedBytes,
        int maxUnsentBytes,
        long maxBufferedBytes,
        Duration unsentTimeout,
        Duration parkAfter,
        int threads) {

    static Settings of(SocketServer.Config config) throws CannotListenException {
        return new Settings(
                inRange("backlog", config.backlog(), 1, 65_535),
                inRange("max.connections", config.max_connections(), 1, 1_000_000),
                inRange("max.request.bytes", config.max_request_bytes(), 64, 256 << 20),
                inRange("max.queued.bytes", config.max_queued_bytes(), 1, 256 << 20),
                inRange("max.unsent.bytes", config.max_unsent_bytes(), 1, 256 << 20),
                inRange("max.buffered.bytes", config.max_buffered_bytes(), 1 << 10, Integer.MAX_VALUE),
                Duration.ofMillis(inRange("unsent.timeout.ms", config.unsent_timeout_ms(), 1, Integer.MAX_VALUE)),
                Duration.ofMillis(inRange("park.after.ms", config.park_after_ms(), 1, Integer.MAX_VALUE)),
                inRange("threads", config.threads(), 1, 10_000));
    }

    private static int inRange(String key, int value, int least, int most) throws CannotListenException {
        if (value < least || value > most) {
            throw new CannotListenException(key + " is " + value + "; expected " + least + " to " + most
                    + "; set it in the socket's .cfg file");
        }
        return value;
    }
}
