package org.circleosd.pluginmanager.api.action;

import org.circleosd.pluginmanager.api.Caller;
import org.osgi.annotation.versioning.ProviderType;

/** Answers request lines. Thread-safe; the lines of one connection come one after the other. */
@ProviderType
public interface RequestHandler {

    /**
     * Answers a request line. May block. The reply of a request without a {@code rid} is sent before this returns;
     * others may be sent later and from other threads.
     *
     * @param line the request without its line end; the array is the handler's from now on
     * @param replies takes whole reply lines
     */
    void handle(byte[] line, Caller caller, Replies replies);

    /** Makes the reply to a line that was longer than the limit and so was never read whole. */
    byte[] tooLarge(int limitBytes);

    /** Where the replies of one connection go. Thread-safe. */
    @FunctionalInterface
    interface Replies {

        /**
         * Sends a line.
         *
         * @param line UTF-8 with its line feed; not changed by anyone from now on
         */
        void send(byte[] line);
    }
}
