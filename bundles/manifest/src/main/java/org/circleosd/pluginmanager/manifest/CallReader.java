package org.circleosd.pluginmanager.manifest;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.circleosd.pluginmanager.api.PluginManifest.SelfTest;
import org.circleosd.pluginmanager.api.PluginManifest.WarmUp;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.JsonValue.JsonString;
import org.circleosd.pluginmanager.json.Members;

/** Reads the calls that the host makes by itself. */
final class CallReader {

    private static final long DEFAULT_CALLS = 10_000;
    private static final long MAX_CALLS = 1_000_000;

    private CallReader() {}

    static SelfTest selfTest(Checked value) {
        Members members = Members.of(value, "an object with the func to call");
        members.only(Set.of("func", "payload", "expect"));
        return new SelfTest(
                func(members), payload(members), members.optional("expect").map(CallReader::bytes));
    }

    static WarmUp warmUp(Checked value) {
        Members members = Members.of(value, "an object with the func to call");
        members.only(Set.of("func", "payload", "calls"));
        long calls = members.optional("calls")
                .map(count -> count.wholeNumber(1, MAX_CALLS))
                .orElse(DEFAULT_CALLS);
        return new WarmUp(func(members), payload(members), Math.toIntExact(calls));
    }

    private static String func(Members members) {
        return members.required("func", ManifestReader.FUNCTION_NAME).text(ManifestReader.FUNCTION_NAME);
    }

    private static byte[] payload(Members members) {
        return members.optional("payload").map(CallReader::bytes).orElse(new byte[0]);
    }

    /** The same rule as for the payload of a client's call. */
    private static byte[] bytes(Checked value) {
        if (value.isNull()) {
            return new byte[0];
        }
        String text = value.value() instanceof JsonString string
                ? string.text()
                : value.value().toJson();
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
