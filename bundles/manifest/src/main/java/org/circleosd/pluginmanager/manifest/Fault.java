package org.circleosd.pluginmanager.manifest;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * Makes the failures of one manifest.
 *
 * @param origin where the manifest came from
 */
record Fault(String origin) {

    /**
     * Makes a failure.
     *
     * @param pointer JSON pointer (RFC 6901) of the value at fault; empty for the whole document
     */
    PluginException at(String pointer, String found, String expected) {
        String where = pointer.isEmpty() ? "" : Shown.shortened(pointer, 200) + ": ";
        return new PluginException(
                ErrorCode.MANIFEST_INVALID,
                Shown.shortened(origin, 300) + ": " + where + found + "; expected " + expected);
    }
}
