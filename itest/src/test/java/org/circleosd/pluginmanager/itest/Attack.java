package org.circleosd.pluginmanager.itest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the tests write what the hostile plugin shall attack. */
final class Attack {

    private Attack() {}

    /** Makes a payload of arguments with commas between, where {@code {name}} stands for a target. */
    static String payload(@Nullable String arguments, Map<String, String> targets) {
        String text = arguments == null ? "" : arguments;
        for (Map.Entry<String, String> target : targets.entrySet()) {
            text = text.replace("{" + target.getKey() + "}", target.getValue());
        }
        return String.join("\n", List.of(text.split(",")));
    }
}
