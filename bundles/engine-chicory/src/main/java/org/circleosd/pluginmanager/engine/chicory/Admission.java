package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.compiler.internal.Compiler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.engine.chicory.admission.ChildCompiler;
import org.circleosd.pluginmanager.engine.chicory.admission.ChildLimits;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;

/** Decides where a module that nobody knows yet is compiled. */
final class Admission implements Compilations.Compiling, AutoCloseable {

    /** Where modules are compiled. */
    enum Mode {
        /** In the daemon if the worst code of the module's size cannot cost much, else in a child process. */
        AUTO,
        /** In a child process. */
        PROCESS,
        /** In the daemon. */
        THREAD;

        private static final Logger LOG = System.getLogger(Mode.class.getName());

        /** Takes the lower-case name; warns about any other text and takes AUTO. */
        static Mode of(String text) {
            return Arrays.stream(values())
                    .filter(mode -> mode.name().toLowerCase(Locale.ROOT).equals(text.strip()))
                    .findFirst()
                    .orElseGet(() -> {
                        LOG.log(
                                Level.WARNING,
                                "admission is ''{0}''; expected auto, process or thread, so auto is taken",
                                text);
                        return AUTO;
                    });
        }
    }

    /** What a module may cost at worst to be compiled in the daemon, see {@link ModuleSections#worstCost}. */
    static final long COST_IN_DAEMON = 8_000_000;

    private final Mode mode;
    private final ChildCompiler children;

    /** @param folders for the files of child processes; the first that can be written is used */
    Admission(Mode mode, List<Path> folders, ChildLimits limits) {
        this.mode = mode;
        this.children = new ChildCompiler(
                CompileProgram.class,
                List.of(CompileProgram.class, PluginException.class, Compiler.class),
                folders,
                limits);
    }

    @Override
    public CodeImage compile(byte[] wasm, CompileProgress progress) {
        boolean inDaemon =
                switch (mode) {
                    case AUTO -> new ModuleSections(wasm).worstCost() <= COST_IN_DAEMON;
                    case PROCESS -> false;
                    case THREAD -> true;
                };
        return inDaemon
                ? ModuleCompiler.compile(wasm, progress)
                : children.compile(wasm, ModuleCompiler.mostClassBytes(wasm.length), progress);
    }

    @Override
    public void close() {
        children.close();
    }
}
