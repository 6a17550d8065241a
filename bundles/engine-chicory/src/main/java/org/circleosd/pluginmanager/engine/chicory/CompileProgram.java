package org.circleosd.pluginmanager.engine.chicory;

import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.engine.chicory.admission.ChildOutput;

/** The program of a compiling child process: a module comes in by standard input, and its code goes out. */
public final class CompileProgram {

    /** Exit status when there is nobody any more to compile for. */
    static final int ORPHANED = 4;

    private CompileProgram() {}

    /** Compiles one module. */
    @SuppressWarnings("SystemOut") // what the library might print must not get between the result
    public static void main(String[] args) throws IOException {
        ChildOutput out = new ChildOutput(new FileOutputStream(FileDescriptor.out));
        System.setOut(System.err);
        out.ready();
        DataInputStream in = new DataInputStream(System.in);
        byte[] wasm = new byte[in.readInt()];
        in.readFully(wasm);
        new NamedThreads("parent-watch", NamedThreads.SMALL_STACK)
                .newThread(() -> endWithParent(in))
                .start();
        try {
            out.image(ModuleCompiler.compile(wasm, (compiled, of) -> tell(out, compiled, of)));
        } catch (PluginException e) {
            out.refusal(e);
        }
    }

    private static void tell(ChildOutput out, int compiled, int of) {
        try {
            out.progress(compiled, of);
        } catch (IOException e) {
            throw new UncheckedIOException("the parent does not listen any more", e);
        }
    }

    /** The parent writes nothing more: the end of the input is its death. */
    private static void endWithParent(DataInputStream in) {
        try {
            in.readNBytes(1);
        } catch (IOException e) {
            Runtime.getRuntime().halt(ORPHANED);
        }
        Runtime.getRuntime().halt(ORPHANED);
    }
}
