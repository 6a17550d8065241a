package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.circleosd.pluginmanager.nativeloader.binary.BinaryCheck;
import org.circleosd.pluginmanager.nativeloader.binary.LibraryFile;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Runs native libraries as plugins: the seed form, which exports only {@code void plugin_init(void)}, and the ABI of
 * {@code plugin.h}.
 *
 * <p>In-process native code is not confined: it can crash the daemon. A worker process for each plugin is the next
 * {@link NativeLibraryHost}.
 */
@Component(
        service = PluginRuntime.class,
        immediate = true,
        property = PluginRuntime.PLUGIN_TYPE + "=native",
        configurationPid = "org.circleosd.pluginmanager.nativeloader",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class NativeRuntime implements PluginRuntime {

    static final String IN_PROCESS = "in-process";

    private static final System.Logger LOG = System.getLogger(NativeRuntime.class.getName());

    private final BinaryCheck check = BinaryCheck.forThisMachine();
    private final NativeLibraryHost host;

    /** Settings. */
    @interface Config {

        /** Where native plugins run; "in-process" is the only place yet. */
        String isolation() default IN_PROCESS;

        /** Directory for copies of the libraries while they are loaded; made if missing, mode 0700; not on a noexec mount. */
        String copy_dir();

        /** How long closing a plugin waits for its plugin_shutdown, in milliseconds; 1 to 60,000. */
        int shutdown_ms() default 2000;
    }

    /**
     * Prepares the place where libraries run.
     *
     * @throws IllegalArgumentException for a setting that is none
     * @throws IOException if {@code copy.dir} cannot be used
     */
    @Activate
    public NativeRuntime(Config config) throws IOException {
        if (!config.isolation().equals(IN_PROCESS)) {
            throw refusal("isolation = " + config.isolation() + ": expected '" + IN_PROCESS + "'");
        }
        if (config.shutdown_ms() < 1 || config.shutdown_ms() > 60_000) {
            throw refusal("shutdown.ms = " + config.shutdown_ms() + ": expected 1 to 60000");
        }
        if (Native.POINTER_SIZE != Long.BYTES) {
            throw refusal("this Java is not a 64-bit one");
        }
        host = new InProcessHost(PrivateCopies.in(Path.of(config.copy_dir())), Duration.ofMillis(config.shutdown_ms()));
        LOG.log(System.Logger.Level.INFO, "native plugins run {0}", IN_PROCESS);
    }

    @Override
    public LoadedPlugin load(
            PluginImage image,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            PluginContext context) {
        LibraryFile library = check.read(LibraryCheck.nameOf(image), image.file());
        library.requireNoExecutableData();
        LibraryCheck.checkEntry(library, manifest.entry());
        return host.load(image, library, manifest, grants, limits, context);
    }

    @Deactivate
    void close() {
        host.close();
    }

    /** Says it in one line: what the framework logs of a failed activation is a stack trace. */
    private static IllegalArgumentException refusal(String why) {
        String line = "org.circleosd.pluginmanager.nativeloader.cfg: " + why + "; native plugins stay off";
        LOG.log(System.Logger.Level.ERROR, line);
        return new IllegalArgumentException(line);
    }
}
