package org.circleosd.pluginmanager.nativeloader.inprocess;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginIsolation;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.nativeloader.plugin.AbiFailures;
import org.circleosd.pluginmanager.nativeloader.plugin.GrantedServices;
import org.circleosd.pluginmanager.nativeloader.plugin.PluginDescription;
import org.circleosd.pluginmanager.nativeloader.plugin.PrivateCopies;
import org.circleosd.pluginmanager.worker.abi.AbiLibrary;
import org.circleosd.pluginmanager.worker.abi.CallMemory;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.abi.HostTable;
import org.circleosd.pluginmanager.worker.abi.PluginLibrary;
import org.circleosd.pluginmanager.worker.abi.RefusedException;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.jspecify.annotations.Nullable;

/** A library inside this process. All its code runs on one thread, one call after the other. */
final class InProcessPlugin implements LoadedPlugin {

    private static final String LEVEL_0 = "native-0";
    private static final String LEVEL_1 = "native-1";

    private final InProcessHost host;
    private final PluginManifest manifest;
    private final Map<String, String> details;
    private final InvocationLimits limits;
    private final PluginLog log;
    private final PluginThread thread;
    private final GrantedServices services;
    private final AbiFailures failures;
    private final HostTable.Entry table;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The library and whether it has to be shut down; written and read by the plugin's thread only. */
    private @Nullable AbiLibrary library;

    private @Nullable CallMemory memory;
    private boolean attached;

    private volatile String abi = LEVEL_0;
    private volatile List<String> functions = List.of();

    InProcessPlugin(
            InProcessHost host,
            PluginManifest manifest,
            Map<String, String> details,
            InvocationLimits limits,
            PluginLog log,
            GrantedServices services,
            AbiFailures failures) {
        this.host = host;
        this.manifest = manifest;
        this.details = details;
        this.limits = limits;
        this.log = log;
        this.thread = new PluginThread(manifest.name());
        this.services = services;
        this.failures = failures;
        this.table = host.table().add(services);
    }

    /** Opens the library and initialises it. Failed or not, {@link #close} has to follow. */
    void start(PluginImage image) {
        long deadline = System.nanoTime() + limits.timeout().toNanos();
        run("the plugin's initialisation", deadline, printedText(deadline), () -> {
            initialise(image);
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
        return List.of(PluginIsolation.IN_PROCESS.wireName());
    }

    @Override
    public Map<String, String> details() {
        return details;
    }

    @Override
    public byte[] invoke(Invocation invocation) {
        String function = invocation.function();
        if (function.indexOf('\0') >= 0) {
            throw new PluginException(ErrorCode.FUNCTION_NOT_FOUND, "a function's name has no NUL character");
        }
        String what = "'" + function + "'";
        long deadline = System.nanoTime() + limits.timeout().toNanos();
        CallResult result = abi.equals(LEVEL_0)
                ? print(what, deadline, function)
                : run(what, deadline, printedText(deadline), () -> invoke(function, invocation.payload()));
        return failures.result(function, result);
    }

    /** Waits, bounded, for the plugin's own end. A plugin that is busy with a late call ends when that call does. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            thread.finish(this::release, host.shutdownBound());
            host.closed(this);
        }
    }

    private CallResult invoke(String function, byte[] payload) {
        CallMemory buffers = memory;
        if (buffers == null) {
            buffers = new CallMemory();
            memory = buffers;
        }
        return library().invoke(buffers, function, payload);
    }

    /** Calls a function of a library that knows nothing of the ABI: what it prints is its result. */
    private CallResult print(String what, long deadline, String function) {
        PrintedResult printed = new PrintedResult(limits.outputBytes(), deadline);
        boolean found =
                isOwn(function) && run(what, deadline, printed, () -> library().run(function));
        return found ? printed.result() : CallResult.of(ResultStatus.NO_FUNCTION);
    }

    /** Where the exports are not read, the look-up would find any function of the C library too. */
    private boolean isOwn(String function) {
        return failures.symbols()
                .functions()
                .map(names -> names.contains(function))
                .orElseGet(() -> named(function));
    }

    private boolean named(String function) {
        return manifest.functions().stream().anyMatch(one -> one.name().equals(function));
    }

    private AbiLibrary library() {
        AbiLibrary opened = library;
        if (opened == null) {
            throw new PluginException(ErrorCode.PLUGIN_FAILED, "the plugin is closed; load it again");
        }
        return opened;
    }

    private PrintedText printedText(long deadline) {
        return new PrintedText(log, limits.outputBytes(), deadline);
    }

    private <T> T run(String what, long deadline, Printed printed, Callable<T> work) {
        return thread.call(what, deadline, limits.timeout(), () -> {
            host.stdout().begin(printed);
            services.deadlines().begin(deadline);
            try {
                return work.call();
            } finally {
                services.deadlines().end();
                host.stdout().end(printed);
            }
        });
    }

    private void initialise(PluginImage image) {
        Path copy = host.copies().copy(image.file());
        try {
            AbiLibrary opened = open(copy);
            library = opened;
            opened.checkVersion();
            opened.attach(table.address());
            attached = true;
            opened.init(manifest.entry());
            describe(opened);
        } catch (RefusedException e) {
            throw failures.refused(e.stage(), e.code(), e.text(), copy.toString());
        }
    }

    private AbiLibrary open(Path copy) throws RefusedException {
        try {
            return new AbiLibrary(
                    PluginLibrary.open(copy.toString(), failures.symbols()::mayExport), limits.outputBytes());
        } finally {
            // The mapping stays; only Windows keeps a loaded file from being removed, there the next start does it.
            PrivateCopies.remove(copy);
        }
    }

    private void describe(AbiLibrary opened) {
        if (opened.level() == 0) {
            functions = manifestFunctions();
            return;
        }
        abi = LEVEL_1;
        if (!opened.isInvocable()) {
            return;
        }
        List<String> named = manifestFunctions();
        String description = opened.describe();
        if (description != null) {
            try {
                named = PluginDescription.parse(description).functions();
            } catch (IllegalArgumentException e) {
                log.append("[warn] " + AbiSymbol.DESCRIBE.symbol() + " gave no usable description: " + e.getMessage());
            }
        }
        functions = named;
    }

    private List<String> manifestFunctions() {
        return manifest.functions().stream()
                .map(FunctionDescription::name)
                .sorted()
                .toList();
    }

    /** Runs last on the plugin's thread. */
    private void release() {
        AbiLibrary opened = library;
        library = null;
        if (opened != null) {
            if (attached) {
                PrintedText printed =
                        printedText(System.nanoTime() + host.shutdownBound().toNanos());
                host.stdout().begin(printed);
                opened.shutdown();
                host.stdout().end(printed);
            }
        }
        if (memory != null) {
            memory.close();
        }
        table.close();
    }
}
