package org.circleosd.pluginmanager.nativeloader.inprocess;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.nativeloader.binary.LibraryFile;
import org.circleosd.pluginmanager.nativeloader.plugin.AbiFailures;
import org.circleosd.pluginmanager.nativeloader.plugin.GrantedServices;
import org.circleosd.pluginmanager.nativeloader.plugin.NativeLibraryHost;
import org.circleosd.pluginmanager.nativeloader.plugin.PrivateCopies;
import org.circleosd.pluginmanager.worker.abi.HostTable;
import org.circleosd.pluginmanager.worker.abi.NativeCallback;

/**
 * Runs native libraries inside the daemon. There is no boundary: a library that crashes, exits or damages memory takes
 * the daemon and every other plugin with it, one that hangs keeps its thread, and a hanging constructor keeps all later
 * loads waiting. Its memory is not limited, only its time and its output. Load only what you would link into the daemon. A worker process for each plugin takes this place in
 * the next version.
 */
public final class InProcessHost implements NativeLibraryHost {

    private static final System.Logger LOG = System.getLogger(InProcessHost.class.getName());

    private final PrivateCopies copies;
    private final Duration shutdownBound;
    private final StdoutCapture stdout;
    private final HostTable table = new HostTable((result, failed, body, parameters) ->
            new NativeCallback(InProcessHost::callbackFailed, result, failed, body, parameters));
    private final Set<InProcessPlugin> open = ConcurrentHashMap.newKeySet();

    /**
     * Makes a host without plugins.
     *
     * @param shutdownBound how long closing a plugin waits for its {@code plugin_shutdown}
     */
    public InProcessHost(PrivateCopies copies, Duration shutdownBound) {
        this.copies = copies;
        this.shutdownBound = shutdownBound;
        this.stdout = StdoutCapture.start(new RealStdout(copies.ofProcess("stdout")));
    }

    @Override
    public LoadedPlugin load(
            PluginImage image,
            LibraryFile library,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            PluginContext context) {
        AbiFailures failures = new AbiFailures(library.name(), library.symbols(), limits.outputBytes());
        GrantedServices services = new GrantedServices(context, manifest.config(), grants);
        InProcessPlugin plugin =
                new InProcessPlugin(this, manifest, library.details(), limits, context.log(), services, failures);
        open.add(plugin);
        try {
            plugin.start(image);
            return plugin;
        } catch (RuntimeException e) {
            plugin.close();
            throw e;
        }
    }

    PrivateCopies copies() {
        return copies;
    }

    StdoutCapture stdout() {
        return stdout;
    }

    HostTable table() {
        return table;
    }

    Duration shutdownBound() {
        return shutdownBound;
    }

    void closed(InProcessPlugin plugin) {
        open.remove(plugin);
    }

    @Override
    public void close() {
        List.copyOf(open).forEach(InProcessPlugin::close);
        table.close();
        stdout.close();
    }

    private static void callbackFailed(Throwable failure) {
        LOG.log(System.Logger.Level.ERROR, "a host function called by a native plugin failed", failure);
    }
}
