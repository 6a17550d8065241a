package org.circleosd.pluginmanager.api.runtime;

import java.util.List;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Runs plugins of one type. A bundle offers a runtime by registering this service with the property
 * {@link #PLUGIN_TYPE}; the host moves its plugins when a runtime comes or goes. Thread-safe.
 */
@ConsumerType
public interface PluginRuntime {

    /** Service property: the manifest's {@code plugin_type} that this runtime runs, as a String. */
    String PLUGIN_TYPE = "plugin.type";

    /**
     * Prepares a plugin for calls. Runs the plugin's own initialisation under the limits, and none of its functions. What
     * takes long goes on after the return, see {@link LoadedPlugin#awaitReady}.
     *
     * @param image stays unchanged until the returned plugin is closed
     * @param grants what the plugin may do beyond computing
     * @param limits apply to the initialisation and to each call
     * @param context what the host is to the plugin
     * @return a plugin that the caller closes
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if the file is not a plugin of this type,
     *     {@link ErrorCode#INCOMPATIBLE}, {@link ErrorCode#LIMIT_EXCEEDED}, {@link ErrorCode#TIMEOUT},
     *     {@link ErrorCode#PLUGIN_TRAP}, {@link ErrorCode#PLUGIN_ERROR} or {@link ErrorCode#OUT_OF_MEMORY} if it cannot
     *     be prepared; nothing is left behind
     */
    LoadedPlugin load(
            PluginImage image,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            PluginContext context);
}
