package org.circleosd.pluginmanager.sandbox.extism;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * The hosts that a plugin may send HTTP requests to.
 *
 * @param patterns {@code host} for all ports of a host or {@code host:port} for one, in lower case; a {@code *} stands
 *     for any characters
 */
record AllowedHosts(List<String> patterns) {

    private static final JsonFactory JSON = new JsonFactory();

    /** Copies the list. */
    AllowedHosts {
        patterns = List.copyOf(patterns);
    }

    /**
     * Gathers what was granted.
     *
     * @throws PluginException {@link ErrorCode#MANIFEST_INVALID} if a scope is no array of texts
     */
    static AllowedHosts of(List<CapabilityGrant> grants) {
        List<String> patterns = new ArrayList<>();
        for (CapabilityGrant grant : grants) {
            if (grant.kind().equals("net")) {
                read(grant.scope(), patterns);
            }
        }
        return new AllowedHosts(patterns);
    }

    /** Says whether a request may go there; the URI has a host and a port. */
    boolean allows(URI target) {
        String host = target.getHost().toLowerCase(Locale.ROOT);
        String withPort = host + ":" + target.getPort();
        return patterns.stream().anyMatch(pattern -> matches(pattern, host) || matches(pattern, withPort));
    }

    /** Takes time in proportion to the product of both lengths, whatever the pattern. */
    private static boolean matches(String pattern, String text) {
        int star = -1;
        int resume = 0;
        int p = 0;
        int t = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    private static void read(String scope, List<String> patterns) {
        try (JsonParser parser = JSON.createParser(scope)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw malformed(scope);
            }
            while (parser.nextToken() == JsonToken.VALUE_STRING) {
                patterns.add(parser.getText().toLowerCase(Locale.ROOT));
            }
            if (parser.currentToken() != JsonToken.END_ARRAY) {
                throw malformed(scope);
            }
        } catch (IOException e) {
            throw malformed(scope);
        }
    }

    private static PluginException malformed(String scope) {
        return new PluginException(
                ErrorCode.MANIFEST_INVALID,
                "the capability net is granted as " + scope + "; expected an array of texts, as [\"api.example.com\"]");
    }
}
