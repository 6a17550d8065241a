package org.circleosd.pluginmanager.state;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Why something was not written. */
record Failure(ErrorCode code, String message) {

    PluginException toException() {
        return new PluginException(code, message);
    }
}
