package org.circleosd.pluginmanager.json;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * Makes the failures of one file.
 *
 * @param code of the failures
 * @param origin name of the file, for messages
 */
public record Fault(ErrorCode code, String origin) {

    /**
     * Makes a failure.
     *
     * @param pointer JSON pointer (RFC 6901) of the value at fault; empty for the whole document
     */
    public PluginException at(String pointer, String found, String expected) {
        String where = pointer.isEmpty() ? "" : Shown.shortened(pointer, 200) + ": ";
        return new PluginException(
                code, Shown.shortened(origin, 300) + ": " + where + found + "; expected " + expected);
    }
}
