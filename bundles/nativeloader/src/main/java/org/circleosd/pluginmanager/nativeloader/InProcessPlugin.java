package org.circleosd.pluginmanager.nativeloader;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.jspecify.annotations.Nullable;

/** A library inside this process. All its code runs on one thread, one call after the other. */
final class InProcessPlugin implements LoadedPlugin {

    private final InProcessHost host;
    private final PluginManifest manifest;
    private final InvocationLimits limits;
    private final PluginLog log;
    private final PluginThread thread;
    private final HostServices services;
    private final HostTable.Entry table;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The library and whether it has to be shut down; written and read by the plugin's thread only. */
    private @Nullable AbiLibrary library;

    private boolean attached;

    private volatile String abi = "native-0";
    private volatile List<String> functions = List.of();

    InProcessPlugin(InProcessHost host, PluginManifest manifest, InvocationLimits limits, PluginLog log) {
        this.host = host;
        this.manifest = manifest;
        this.limits = limits;
        this.log = log;
        this.thread = new PluginThread(manifest.name());
        this.services = new HostServices(log, manifest.config());
        this.table = host.table().add(services);
    }

    /** Opens the library and initialises it. Failed or not, {@link #close} has to follow. */
    void start(PluginImage image, LibrarySymbols symbols) {
        run("the plugin's initialisation", () -> {
            initialise(image, symbols);
            return null;
        });
    }

    @Override
    public String abi() {
        return abi;
    }

    @Override
    public List<String> functions() {
        return functions;
    }

    @Override
    public List<String> isolation() {
        return List.of(NativeRuntime.IN_PROCESS);
    }

    @Override
    public byte[] invoke(Invocation invocation) {
        String function = invocation.function();
        if (function.indexOf('\0') >= 0) {
            throw new PluginException(ErrorCode.FUNCTION_NOT_FOUND, "a function's name has no NUL character");
        }
        return run("'" + function + "'", () -> {
            AbiLibrary opened = library;
            if (opened == null) {
                throw new PluginException(ErrorCode.PLUGIN_FAILED, "the plugin is closed; load it again");
            }
            return opened.invoke(function, invocation.payload());
        });
    }

    /** Waits, bounded, for the plugin's own end. A plugin that is busy with a late call ends when that call does. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            thread.finish(this::release, host.shutdownBound());
            host.closed(this);
        }
    }

    private <T> T run(String what, Callable<T> work) {
        Duration timeout = limits.timeout();
        long deadline = System.nanoTime() + timeout.toNanos();
        return thread.call(what, deadline, timeout, () -> {
            PrintedText printed = new PrintedText(log, limits.outputBytes(), deadline);
            host.stdout().begin(printed);
            services.beginCall(deadline);
            try {
                return work.call();
            } finally {
                services.endCall();
                host.stdout().end(printed);
            }
        });
    }

    private void initialise(PluginImage image, LibrarySymbols symbols) {
        String name = LibraryCheck.nameOf(image);
        Path copy = host.copies().copy(image.file());
        AbiLibrary opened;
        try {
            opened = new AbiLibrary(name, PluginLibrary.open(name, copy, symbols), limits.outputBytes());
        } finally {
            // The mapping stays; only Windows keeps a loaded file from being removed, there the next start does it.
            PrivateCopies.remove(copy);
        }
        library = opened;
        opened.checkVersion();
        opened.attach(table.address());
        attached = true;
        opened.init(manifest.entry());
        describe(opened);
    }

    private void describe(AbiLibrary opened) {
        if (opened.isLevel1()) {
            abi = "native-1";
        }
        if (!opened.isInvocable()) {
            return;
        }
        List<String> named = manifest.functions().stream()
                .map(FunctionDescription::name)
                .sorted()
                .toList();
        String description = opened.describe();
        if (description != null) {
            try {
                named = PluginDescription.parse(description).functions();
            } catch (IllegalArgumentException e) {
                log.append("[warn] " + Abi.DESCRIBE + " gave no usable description: " + e.getMessage());
            }
        }
        functions = named;
    }

    /** Runs last on the plugin's thread. */
    private void release() {
        AbiLibrary opened = library;
        library = null;
        if (opened != null) {
            if (attached) {
                PrintedText printed = new PrintedText(
                        log,
                        limits.outputBytes(),
                        System.nanoTime() + host.shutdownBound().toNanos());
                host.stdout().begin(printed);
                opened.shutdown();
                host.stdout().end(printed);
            }
            opened.close();
        }
        table.close();
    }
}
