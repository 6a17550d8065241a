package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginIsolation;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.circleosd.pluginmanager.nativeloader.binary.BinaryCheck;
import org.circleosd.pluginmanager.nativeloader.binary.LibraryFile;
import org.circleosd.pluginmanager.nativeloader.inprocess.InProcessHost;
import org.circleosd.pluginmanager.nativeloader.plugin.LibraryCheck;
import org.circleosd.pluginmanager.nativeloader.plugin.NativeLibraryHost;
import org.circleosd.pluginmanager.nativeloader.plugin.PrivateCopies;
import org.circleosd.pluginmanager.nativeloader.process.ProcessHost;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Runs native libraries as plugins: the seed form, which exports only {@code void plugin_init(void)}, and the ABI of
 * {@code plugin.h}. They run in processes of their own; in this one only if both the manifest and the operator say so.
 */
@Component(
        service = PluginRuntime.class,
        immediate = true,
        property = PluginRuntime.PLUGIN_TYPE + "=native",
        configurationPid = "org.circleosd.pluginmanager.nativeloader",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class NativeRuntime implements PluginRuntime {

    private static final System.Logger LOG = System.getLogger(NativeRuntime.class.getName());

    /** Held so that JNA's thread goes on; initialised before anything else uses JNA. */
    @SuppressWarnings("unused")
    private final Object jna = JnaCleaner.start();

    private final BinaryCheck check = BinaryCheck.forThisMachine();
    private final NativeLibraryHost processes;
    /** Null unless the operator allows it. */
    private final @Nullable NativeLibraryHost inProcess;

    /** Settings; the file {@code config/org.circleosd.pluginmanager.nativeloader.cfg} has the same keys with dots. */
    @interface Config {

        /** "process": all in processes of their own; "in-process": in the daemon, those whose manifest asks for it. */
        String isolation() default "process";

        /** The program of a process: "c", "jvm", or "auto" for "c" where it is carried and runs. */
        String worker() default "auto";

        /** What if a layer is missing: "required" refuses plugins, "best-effort" runs them, "off" confines nothing. */
        String confinement() default "best-effort";

        /** Processes that are ready before they are needed; 0 to 4. */
        int spares() default 1;

        /** Directory for copies of the libraries while they are loaded; made if missing, mode 0700; not on a noexec mount. */
        String copy_dir();

        /** Directory for the files that the processes run from; made if missing, mode 0700; not on a noexec mount. */
        String program_dir();

        /** How long closing a plugin waits for its plugin_shutdown, in milliseconds; 1 to 60,000. */
        int shutdown_ms() default 2000;

        /** Wait before a process that died is started again, in milliseconds; doubles up to four times; 1 to 60,000. */
        int restart_ms() default 50;

        /** Deaths of a plugin's process within the window that put it out of service; 1 to 1,000,000. */
        int crash_limit() default 5;

        /** The window in which deaths are counted, in milliseconds; 1 to 86,400,000. */
        int crash_window_ms() default 60_000;

        /** Threads of a process, where its user has no other processes; 1 to 10,000. */
        int max_threads() default 64;

        /** Descriptors that a process may have open; 32 to 100,000. */
        int max_open_files() default 128;

        /** Longest file that a process may write, in bytes; positive. */
        long max_file_bytes() default 64L << 20;

        /** Smallest and largest number of the users that the processes of a daemon with root's rights run as. */
        String users() default "65000-65499";
    }

    /**
     * Prepares the places where libraries run.
     *
     * @throws IllegalArgumentException for a setting that is none
     * @throws IOException if a directory cannot be used
     */
    @Activate
    public NativeRuntime(Config config) throws IOException {
        NativeSettings settings = NativeSettings.of(config);
        if (Native.POINTER_SIZE != Long.BYTES) {
            throw NativeSettings.refusal("this Java is not a 64-bit one");
        }
        PrivateCopies copies = PrivateCopies.in(Path.of(config.copy_dir()));
        processes = new ProcessHost(copies, Path.of(config.program_dir()), settings.processes());
        inProcess = settings.inProcessAllowed() ? new InProcessHost(copies, settings.shutdownBound()) : null;
    }

    @Override
    public LoadedPlugin load(
            PluginImage image,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            PluginContext context) {
        LibraryFile library = check.read(LibraryCheck.nameOf(image), image.file());
        LibraryCheck.checkEntry(library, manifest.entry());
        NativeLibraryHost host = processes;
        if (manifest.isolation().equals(Optional.of(PluginIsolation.IN_PROCESS))) {
            if (inProcess != null) {
                library.requireNoExecutableData();
                host = inProcess;
            } else {
                LOG.log(
                        System.Logger.Level.INFO,
                        "plugin {0} asks for isolation in-process; it gets a process, because the operator allows no"
                                + " other (isolation of the native loader)",
                        context.id());
            }
        }
        LoadedPlugin plugin = host.load(image, library, manifest, grants, limits, context);
        try {
            manifest.selftest()
                    .ifPresent(test -> test.check(payload ->
                            plugin.invoke(new Invocation(test.func(), payload, Caller.local("nativeloader")))));
        } catch (RuntimeException e) {
            plugin.close();
            throw e;
        }
        return plugin;
    }

    @Deactivate
    void close() {
        processes.close();
        if (inProcess != null) {
            inProcess.close();
        }
    }
}
