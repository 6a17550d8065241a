package org.circleosd.pluginmanager.socket;

import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.RequestHandler;

/** Brings request lines to the handler and sees to it that each gets a reply, whatever happens there. */
final class Requests {

    /** Stands in a queue of lines for one that was longer than the limit; told by identity. */
    static final byte[] TOO_LONG = new byte[0];
    /** Stands in a queue of lines for one that there was no room for; told by identity. */
    static final byte[] NO_ROOM = new byte[0];

    private static final byte[] NOTHING = new byte[0];

    private static final System.Logger LOG = System.getLogger(Requests.class.getName());

    private final ServiceGate<RequestHandler> gate;
    private final int limitBytes;
    private volatile boolean stopping;

    Requests(ServiceGate<RequestHandler> gate, int limitBytes) {
        this.gate = gate;
        this.limitBytes = limitBytes;
    }

    /** From now on lines are refused; those that the handler has go on. */
    void stop() {
        stopping = true;
    }

    /** Answers a line; returns when its reply was sent. Never throws what the handler throws. */
    void answer(byte[] line, Caller caller, Connection connection) {
        long before = connection.repliesSent();
        byte[] failure;
        try {
            failure = ask(line, caller, connection);
        } catch (PluginException e) {
            failure = FixedReply.of(e.code(), "request failed: " + e.getMessage());
        } catch (Exception | LinkageError | StackOverflowError e) {
            LOG.log(System.Logger.Level.ERROR, "the request handler failed on a request of " + caller, e);
            failure = FixedReply.of(ErrorCode.INTERNAL, "request failed: defect of the daemon, see its log");
        }
        // A call that ran out of time may have left its interrupt behind; it would close the channel at the next write.
        Thread.interrupted();
        if (failure.length > 0 && connection.repliesSent() == before) {
            connection.send(failure);
        }
    }

    /** Returns the reply still to be sent; empty if the handler has sent it. */
    private byte[] ask(byte[] line, Caller caller, Connection connection) {
        if (stopping) {
            return FixedReply.of(
                    ErrorCode.SHUTTING_DOWN, "request failed: the socket is closing and did not run it; try again");
        }
        if (line == NO_ROOM) {
            return FixedReply.of(ErrorCode.BUSY, "request failed: too much request data is waiting; try again later");
        }
        if (line == TOO_LONG) {
            return gate.call(handler -> handler.tooLarge(limitBytes));
        }
        return gate.call(handler -> {
            handler.handle(line, caller, connection);
            return NOTHING;
        });
    }
}
