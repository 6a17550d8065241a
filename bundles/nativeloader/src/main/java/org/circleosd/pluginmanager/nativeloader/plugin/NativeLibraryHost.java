package org.circleosd.pluginmanager.nativeloader.plugin;

import java.util.List;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.nativeloader.binary.LibraryFile;

/** A place where native libraries run: this process, or a process of their own. Thread-safe. */
public interface NativeLibraryHost extends AutoCloseable {

    /**
     * Loads a library that passed {@link LibraryCheck} and initialises it.
     *
     * @param library what its file says of it
     * @param context what the host is to the plugin
     * @throws PluginException as {@link org.circleosd.pluginmanager.api.runtime.PluginRuntime#load} says
     */
    LoadedPlugin load(
            PluginImage image,
            LibraryFile library,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            PluginContext context);

    /** Closes the plugins that are still open, bounded. */
    @Override
    void close();
}
