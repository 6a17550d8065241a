package org.circleosd.pluginmanager.engine.chicory;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.CompileProgress;

/** A compilation under way, which others who want the same module wait for. */
final class Compilation implements CompileProgress {

    private final List<CompileProgress> watchers = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Optional<CompiledCode>> end = new CompletableFuture<>();

    Compilation(CompileProgress first) {
        watchers.add(first);
    }

    @Override
    public void compiled(int compiled, int of) {
        watchers.forEach(watcher -> watcher.compiled(compiled, of));
    }

    void succeed(CompiledCode code) {
        end.complete(Optional.of(code));
    }

    /** A thread that was interrupted says nothing about the module: then those who wait try for themselves. */
    void fail(PluginException failure) {
        if (failure.code() != ErrorCode.CANCELLED) {
            end.completeExceptionally(failure);
        }
    }

    /** Lets those who wait go on if there is no result. */
    void giveUp() {
        end.complete(Optional.empty());
    }

    /**
     * Waits for the end.
     *
     * @return empty if nobody knows what it would have been
     */
    Optional<CompiledCode> join(CompileProgress progress) {
        watchers.add(progress);
        try {
            return end.get();
        } catch (InterruptedException e) {
            throw new PluginException(
                    ErrorCode.CANCELLED, "waiting for another compilation of the module was stopped: interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PluginException failure) {
                throw new PluginException(failure.code(), failure.getMessage());
            }
            throw new IllegalStateException("a compilation ends with its code or a PluginException", e);
        } finally {
            watchers.remove(progress);
        }
    }
}
