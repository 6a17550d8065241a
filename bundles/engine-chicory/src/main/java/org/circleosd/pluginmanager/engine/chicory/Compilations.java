package org.circleosd.pluginmanager.engine.chicory;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;
import org.circleosd.pluginmanager.engine.chicory.store.CodeStore;
import org.jspecify.annotations.Nullable;

/**
 * Finds the code of a module where it is cheapest: with another plugin of the same bytes, with a thread that compiles
 * it right now, in the store, or by compiling. Remembers refusals too, so that a module which costs much and then fails
 * does so once.
 */
final class Compilations {

    private static final Logger LOG = System.getLogger(Compilations.class.getName());

    private static final int REFUSALS = 1_000;

    /** How a module is compiled. */
    @FunctionalInterface
    interface Compiling {
        CodeImage compile(byte[] wasm, CompileProgress progress);
    }

    private final @Nullable CodeStore store;
    private final Compiling compiling;
    /** Weak: code lives as long as a module or an instance of it. */
    private final Map<Sha256, WeakReference<CompiledCode>> inUse = new ConcurrentHashMap<>();

    private final Map<Sha256, Compilation> running = new ConcurrentHashMap<>();
    /** Guarded by itself. */
    private final Map<Sha256, PluginException> refusals = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Sha256, PluginException> eldest) {
            return size() > REFUSALS;
        }
    };

    Compilations(Optional<CodeStore> store, Compiling compiling) {
        this.store = store.orElse(null);
        this.compiling = compiling;
    }

    /** @throws PluginException see {@link org.circleosd.pluginmanager.api.engine.WasmEngine#compile} */
    CompiledCode code(byte[] wasm, Sha256 digest, CompileProgress progress) {
        while (true) {
            CompiledCode shared = shared(digest);
            if (shared != null) {
                progress.compiled(functions(shared), functions(shared));
                return shared;
            }
            Compilation mine = new Compilation(progress);
            Compilation other = running.putIfAbsent(digest, mine);
            if (other == null) {
                return lead(mine, wasm, digest);
            }
            Optional<CompiledCode> joined = other.join(progress);
            if (joined.isPresent()) {
                return joined.get();
            }
        }
    }

    private static int functions(CompiledCode code) {
        return code.module().functionSection().functionCount();
    }

    private @Nullable CompiledCode shared(Sha256 digest) {
        WeakReference<CompiledCode> found = inUse.get(digest);
        CompiledCode code = found == null ? null : found.get();
        return code == null || code.classes().isDamaged() ? null : code;
    }

    private CompiledCode lead(Compilation mine, byte[] wasm, Sha256 digest) {
        try {
            // It may have ended between the two looks.
            CompiledCode code = shared(digest);
            if (code == null) {
                code = make(wasm, digest, mine);
                inUse.values().removeIf(unused -> unused.get() == null);
                inUse.put(digest, new WeakReference<>(code));
            }
            mine.succeed(code);
            return code;
        } catch (PluginException e) {
            mine.fail(e);
            throw e;
        } finally {
            running.remove(digest, mine);
            mine.giveUp();
        }
    }

    private CompiledCode make(byte[] wasm, Sha256 digest, CompileProgress progress) {
        synchronized (refusals) {
            PluginException refused = refusals.get(digest);
            if (refused != null) {
                throw new PluginException(refused.code(), refused.getMessage());
            }
        }
        CompiledCode stored = stored(digest);
        if (stored != null) {
            progress.compiled(functions(stored), functions(stored));
            return stored;
        }
        try {
            return compile(wasm, digest, progress);
        } catch (PluginException e) {
            remember(digest, e);
            throw e;
        }
    }

    private @Nullable CompiledCode stored(Sha256 digest) {
        Optional<CodeImage> image = store == null ? Optional.empty() : store.find(digest);
        try {
            return image.map(CompiledCode::of).orElse(null);
        } catch (RuntimeException | LinkageError e) {
            // It is authentic, so another version of this engine wrote it, under the same name.
            LOG.log(Level.WARNING, "the stored code of module " + digest + " cannot be used and is made anew", e);
            return null;
        }
    }

    private CompiledCode compile(byte[] wasm, Sha256 digest, CompileProgress progress) {
        CodeImage image = compiling.compile(wasm, progress);
        if (image.interpreted() > 0) {
            LOG.log(
                    Level.INFO,
                    "{0} of {1} functions are too large to compile and will be interpreted",
                    image.interpreted(),
                    image.functions());
        }
        // From the store, if it can be: then the classes need no heap.
        Optional<CodeImage> kept = store == null ? Optional.empty() : store.keep(digest, image);
        return CompiledCode.of(kept.orElse(image));
    }

    /** What a module is stays; what a machine had no room or time for may be different after the next start. */
    private void remember(Sha256 digest, PluginException refusal) {
        if (refusal.code() != ErrorCode.PLUGIN_INVALID && refusal.code() != ErrorCode.LIMIT_EXCEEDED) {
            return;
        }
        synchronized (refusals) {
            refusals.put(digest, refusal);
        }
        if (refusal.code() == ErrorCode.PLUGIN_INVALID && store != null) {
            store.keep(digest, refusal);
        }
    }
}
