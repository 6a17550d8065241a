package org.circleosd.pluginmanager.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.Caller;

/** The protocol in front of a {@link FakeHost}. */
final class ProtocolFixture {

    static final Caller CALLER = new Caller("socket", 1000, 42);

    final FakeHost host = new FakeHost();
    final JsonProtocol protocol = new JsonProtocol(Duration.ofMillis(20), Duration.ofSeconds(10));

    ProtocolFixture() {
        protocol.bindHost(host);
    }

    /** Returns the one reply line, without its line feed. */
    String reply(String line) {
        return reply(line.getBytes(UTF_8));
    }

    String reply(byte[] line) {
        List<byte[]> replies = new ArrayList<>();
        protocol.handle(line, CALLER, replies::add);
        if (replies.size() != 1) {
            throw new AssertionError("expected one reply, found " + replies.size());
        }
        String reply = new String(replies.get(0), UTF_8);
        if (reply.indexOf('\n') != reply.length() - 1) {
            throw new AssertionError("expected one line: " + reply);
        }
        return reply.substring(0, reply.length() - 1);
    }
}
