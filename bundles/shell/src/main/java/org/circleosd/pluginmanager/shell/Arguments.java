package org.circleosd.pluginmanager.shell;

import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;

/** The plain words after a command; what is missing or too many is a {@link ErrorCode#BAD_REQUEST}. */
final class Arguments {

    private final String command;
    private final List<String> words;

    Arguments(String command, String... words) {
        this.command = command;
        this.words = List.of(words);
    }

    String get(int index, String name) {
        if (index >= words.size()) {
            throw new PluginException(ErrorCode.BAD_REQUEST, name + " is missing; see: " + command + " --help");
        }
        return words.get(index);
    }

    /** Reads the plugin's id, which is the first word of most commands. */
    PluginId id() {
        return new PluginId(get(0, "ID"));
    }

    /** Joins the words from this one on by blanks; empty if there are none. */
    String rest(int index) {
        return index >= words.size() ? "" : String.join(" ", words.subList(index, words.size()));
    }

    Arguments atMost(int count) {
        if (words.size() > count) {
            String surplus = words.get(count);
            String what = surplus.startsWith("-") ? "there is no option '" : "there is one argument too many, '";
            throw new PluginException(ErrorCode.BAD_REQUEST, what + surplus + "'; see: " + command + " --help");
        }
        return this;
    }
}
