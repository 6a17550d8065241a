package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.nativeloader.binary.LibraryFile;
import org.circleosd.pluginmanager.nativeloader.plugin.AbiFailures;
import org.circleosd.pluginmanager.nativeloader.plugin.PluginDescription;
import org.circleosd.pluginmanager.nativeloader.plugin.PrivateCopies;
import org.circleosd.pluginmanager.worker.abi.HostServices;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.LoadStage;

/**
 * How one library is loaded, the same into worker after worker.
 *
 * @param file what its file says of it
 * @param limits of each call; those of the process are the sum over its plugins
 * @param processLimits all limits of the process but its memory
 */
record LibraryLoading(
        PluginImage image,
        LibraryFile file,
        PluginManifest manifest,
        NativeGrants grants,
        InvocationLimits limits,
        WorkerLimits processLimits,
        HostServices services,
        PluginContext context,
        AbiFailures failures) {

    /**
     * Loads it into a worker: copies the file to where the worker sees it, has it opened and initialised.
     *
     * @param memoryBytes what the worker may use from now on
     * @throws PluginException if the library cannot be a plugin
     */
    LoadedLibrary loadInto(Worker worker, long memoryBytes) throws WorkerEnd.DiedException, TimeoutException {
        worker.limit(processLimits.withMemory(memoryBytes));
        int number = worker.add(new PluginSide(services, context.log()), limits.outputBytes());
        boolean loaded = false;
        Path copy = copyTo(worker);
        try {
            LoadedLibrary library = ask(worker, number, copy);
            loaded = true;
            return library;
        } catch (BrokenFrameException e) {
            worker.kill("it broke the protocol: " + e.getMessage());
            throw new PluginException(
                    ErrorCode.PLUGIN_CRASHED, failures.file() + ": its worker broke the protocol: " + e.getMessage());
        } finally {
            // The mapping stays; only Windows keeps a loaded file, which goes with the worker's folder.
            PrivateCopies.remove(copy);
            if (!loaded) {
                worker.remove(number);
            }
        }
    }

    /** Returns how many calls may run at once, if the plugin says that any may. */
    int threads() {
        return Math.min(limits.maxConcurrency(), Frame.MAX_THREADS);
    }

    private Path copyTo(Worker worker) {
        try {
            Path copy = PrivateCopies.copyInto(worker.home(), image.file());
            worker.process().own(copy);
            worker.name(copy, failures.file());
            return copy;
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.UNAVAILABLE, "cannot copy the library to " + worker.home() + ": " + e.getMessage());
        }
    }

    private LoadedLibrary ask(Worker worker, int number, Path copy)
            throws WorkerEnd.DiedException, TimeoutException, BrokenFrameException {
        long deadline = System.nanoTime() + limits.timeout().toNanos();
        int id = worker.nextId();
        // Relative: the worker may walk no path to its own folder.
        String path = "./" + copy.getFileName();
        FrameBytes request = new FrameBytes(id, FrameKind.LOAD, 1024)
                .u32(number)
                .text(path)
                .text(manifest.entry())
                .u32(AbiSymbol.mask(file.symbols()::mayExport))
                .u64(limits.outputBytes())
                .u32((int) Math.min(Integer.MAX_VALUE, limits.timeout().toMillis()));
        Map<String, String> config = new HashMap<>(manifest.config());
        config.putAll(grants.settings());
        add(request, config);
        add(request, grants.environment());
        Frame reply = worker.ask(id, request, deadline);
        return switch (reply.kind()) {
            case LOADED -> loaded(worker, number, reply, deadline);
            case REFUSED ->
                throw failures.refused(
                        LoadStage.of(reply.body().u32()),
                        reply.body().u32(),
                        reply.body().text(),
                        path);
            default -> throw new BrokenFrameException("LOAD was answered with " + reply.kind());
        };
    }

    private LoadedLibrary loaded(Worker worker, int number, Frame reply, long deadline)
            throws WorkerEnd.DiedException, BrokenFrameException {
        int level = reply.body().u32() == 0 ? 0 : 1;
        PluginDescription description = description(reply.body().text());
        boolean concurrent = level == 1 && description.concurrent() && threads() > 1;
        if (concurrent) {
            worker.tell(new FrameBytes(0, FrameKind.THREADS).u32(number).u32(threads()), deadline);
        }
        return new LoadedLibrary(
                worker,
                number,
                level,
                concurrent,
                level == 0 ? ownFunctions() : description.functions(),
                worker.process().layers(),
                worker.process().unenforced());
    }

    /** What the plugin says of itself, or else its manifest. */
    private PluginDescription description(String text) {
        PluginDescription ofManifest = new PluginDescription(
                manifest.functions().stream()
                        .map(FunctionDescription::name)
                        .sorted()
                        .toList(),
                false);
        if (text.isEmpty()) {
            return ofManifest;
        }
        try {
            return PluginDescription.parse(text);
        } catch (IllegalArgumentException e) {
            context.log()
                    .append("[warn] " + AbiSymbol.DESCRIBE.symbol() + " gave no usable description: " + e.getMessage());
            return ofManifest;
        }
    }

    /** All that a library of level 0 exports can be called. */
    private List<String> ownFunctions() {
        return file.symbols()
                .functions()
                .map(names -> List.copyOf(new TreeSet<>(names)))
                .orElseGet(() -> description("").functions());
    }

    private static void add(FrameBytes request, Map<String, String> pairs) {
        request.u32(pairs.size());
        pairs.forEach((name, value) -> request.text(name).text(value));
    }
}
