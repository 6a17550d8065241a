package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Written exchanges: lines that start with {@code "> "} are sent, the line that starts with {@code "< "} behind each is
 * the reply, byte for byte. What differs from run to run is written as {@code <name>}.
 */
record Exchanges(List<Exchange> list) {

    private static final Pattern PLACEHOLDER = Pattern.compile("<([a-z0-9_]+)>");
    private static final Map<String, String> PATTERNS = Map.of(
            "sha256", "[0-9a-f]{64}",
            "time", "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z",
            "size", "\\d+",
            "engine", "\\{\"name\":\"[a-z]+ [0-9.]+\",\"mode\":\"compil(ing|ed)\",\"compiled\":\\d+,\"of\":\\d+\\}",
            "layers", "\\[\"process\"(,\"[a-z0-9:]+\")*\\](,\"unenforced\":\\[\"[^\\]]+\"\\])?",
            "text", "[^\"]*");

    record Exchange(String request, String reply) {}

    /** Reads the exchanges of a text; lines of any other kind say what happens and are passed over. */
    static Exchanges parse(List<String> lines) {
        List<Exchange> exchanges = new ArrayList<>();
        String request = null;
        for (String line : lines) {
            if (line.startsWith("> ")) {
                assertThat(request).as("a request without a reply").isNull();
                request = line.substring(2);
            } else if (line.startsWith("< ")) {
                assertThat(request).as("a reply without a request: %s", line).isNotNull();
                exchanges.add(new Exchange(request, line.substring(2)));
                request = null;
            }
        }
        assertThat(request).as("a request without a reply").isNull();
        assertThat(exchanges).isNotEmpty();
        return new Exchanges(exchanges);
    }

    /**
     * Sends them all over one connection.
     *
     * @param values of placeholders, in requests and replies
     */
    void replay(Client client, Map<String, String> values) throws IOException {
        for (Exchange exchange : list) {
            String request = fill(exchange.request, values);
            String reply = client.ask(request);
            assertThat(reply).as("the reply to %s", request).matches(pattern(exchange.reply, values));
        }
    }

    private static String fill(String text, Map<String, String> values) {
        String filled = text;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace("<" + value.getKey() + ">", value.getValue());
        }
        return filled;
    }

    private static Pattern pattern(String reply, Map<String, String> values) {
        String filled = fill(reply, values);
        StringBuilder regex = new StringBuilder();
        Matcher matcher = PLACEHOLDER.matcher(filled);
        int at = 0;
        while (matcher.find()) {
            String known = PATTERNS.get(matcher.group(1));
            if (known == null) {
                continue;
            }
            regex.append(Pattern.quote(filled.substring(at, matcher.start()))).append(known);
            at = matcher.end();
        }
        return Pattern.compile(regex.append(Pattern.quote(filled.substring(at))).toString());
    }
}
