package org.circleosd.pluginmanager.host;

import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;

/**
 * Everything that a runtime needs to open a plugin: checked, and the same each time it is opened.
 *
 * @param valueBytes most that the plugin may keep as values
 * @param errorBudget what may go wrong after an upgrade to it; empty: anything
 */
record PluginContent(
        PluginRecord record,
        PluginImage image,
        PluginManifest manifest,
        Optional<String> signer,
        List<CapabilityGrant> grants,
        InvocationLimits limits,
        long valueBytes,
        Optional<ErrorBudget> errorBudget) {}
