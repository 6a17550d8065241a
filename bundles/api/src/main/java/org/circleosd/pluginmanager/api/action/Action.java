package org.circleosd.pluginmanager.api.action;

import org.circleosd.pluginmanager.api.PluginException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something that a client can ask for. A bundle adds an action by registering this service with the property
 * {@link #NAME}. Thread-safe.
 */
@ConsumerType
public interface Action {

    /** Service property: the request's {@code action}, as a String of lower-case letters and underscores. */
    String NAME = "action.name";

    /**
     * Does what is asked. May block.
     *
     * @return what the reply shows
     * @throws PluginException becomes the reply's code and message
     */
    ActionResult perform(ActionRequest request);
}
