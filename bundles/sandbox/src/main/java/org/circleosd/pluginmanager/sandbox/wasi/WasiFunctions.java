package org.circleosd.pluginmanager.sandbox.wasi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.jspecify.annotations.Nullable;

/**
 * All functions of WASI preview 1, so that every module made for it can be linked. What would need a file, a directory
 * or a socket answers with the error of a system that has none.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md">WASI preview 1</a>
 */
public final class WasiFunctions {

    /** First part of the functions' names. */
    public static final String MODULE = "wasi_snapshot_preview1";

    private static final Map<String, Entry> ENTRIES = new HashMap<>();

    static {
        defineProcess();
        defineStreams();
        definePaths();
        defineSockets();
    }

    private WasiFunctions() {}

    /** Returns the type of the function of this name; null if there is none. */
    public static @Nullable WasmFunctionType type(String name) {
        Entry entry = ENTRIES.get(name);
        return entry == null ? null : entry.type;
    }

    /** Makes the function of this name act on one guest's view of the system. */
    public static ImportedFunction bind(String name, Wasi wasi) {
        Entry entry = ENTRIES.get(name);
        if (entry == null) {
            throw new IllegalStateException("no WASI function " + name);
        }
        return new ImportedFunction(MODULE, name, entry.type, (memory, args) -> entry.body.call(wasi, memory, args));
    }

    /** Returns all names. */
    public static List<String> names() {
        return List.copyOf(ENTRIES.keySet());
    }

    private static void defineProcess() {
        define("args_get", "ii", (w, m, a) -> w.args(m, i(a, 0), i(a, 1)));
        define("args_sizes_get", "ii", (w, m, a) -> w.argsSizes(m, i(a, 0), i(a, 1)));
        define("environ_get", "ii", (w, m, a) -> WasiErrno.SUCCESS);
        define("environ_sizes_get", "ii", (w, m, a) -> w.environSizes(m, i(a, 0), i(a, 1)));
        define("clock_res_get", "ii", (w, m, a) -> w.clock().resolution(m, i(a, 0), i(a, 1)));
        define("clock_time_get", "iIi", (w, m, a) -> w.clock().time(m, i(a, 0), i(a, 2)));
        define("poll_oneoff", "iiii", (w, m, a) -> w.clock().poll(w.streams(), m, i(a, 0), i(a, 1), i(a, 2), i(a, 3)));
        define("random_get", "ii", (w, m, a) -> w.random(m, i(a, 0), i(a, 1)));
        define("sched_yield", "", (w, m, a) -> WasiErrno.SUCCESS);
        define("proc_raise", "i", (w, m, a) -> WasiErrno.NOSYS);
        ENTRIES.put("proc_exit", new Entry(new WasmFunctionType(List.of(WasmType.I32), List.of()), (w, m, a) -> {
            throw new ProcExit(i(a, 0));
        }));
    }

    private static void defineStreams() {
        define("fd_read", "iiii", (w, m, a) -> w.streams().read(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3)));
        define("fd_write", "iiii", (w, m, a) -> w.streams().write(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3)));
        define("fd_close", "i", (w, m, a) -> w.streams().close(i(a, 0)));
        define("fd_fdstat_get", "ii", (w, m, a) -> w.streams().fdstat(m, i(a, 0), i(a, 1)));
        define("fd_filestat_get", "ii", (w, m, a) -> w.streams().filestat(m, i(a, 0), i(a, 1)));
        // What was written is with the host at once, and the flags (append, non-blocking, sync) change nothing here.
        defineOpen("fd_datasync", "i", WasiErrno.SUCCESS);
        defineOpen("fd_sync", "i", WasiErrno.SUCCESS);
        defineOpen("fd_fdstat_set_flags", "ii", WasiErrno.SUCCESS);
        defineOpen("fd_fdstat_set_rights", "iII", WasiErrno.NOTSUP);
        defineOpen("fd_renumber", "ii", WasiErrno.NOTSUP);
        defineOpen("fd_advise", "iIIi", WasiErrno.SPIPE);
        defineOpen("fd_allocate", "iII", WasiErrno.SPIPE);
        defineOpen("fd_pread", "iiiIi", WasiErrno.SPIPE);
        defineOpen("fd_pwrite", "iiiIi", WasiErrno.SPIPE);
        defineOpen("fd_seek", "iIii", WasiErrno.SPIPE);
        defineOpen("fd_tell", "ii", WasiErrno.SPIPE);
        defineOpen("fd_filestat_set_size", "iI", WasiErrno.INVAL);
        defineOpen("fd_filestat_set_times", "iIIi", WasiErrno.NOTCAPABLE);
        defineOpen("fd_readdir", "iiiIi", WasiErrno.NOTDIR);
        // C libraries ask for directories until the first descriptor that is none.
        define("fd_prestat_get", "ii", (w, m, a) -> WasiErrno.BADF);
        define("fd_prestat_dir_name", "iii", (w, m, a) -> WasiErrno.BADF);
    }

    private static void definePaths() {
        defineOpen("path_create_directory", "iii", WasiErrno.NOTDIR);
        defineOpen("path_filestat_get", "iiiii", WasiErrno.NOTDIR);
        defineOpen("path_filestat_set_times", "iiiiIIi", WasiErrno.NOTDIR);
        defineOpen("path_link", "iiiiiii", WasiErrno.NOTDIR);
        defineOpen("path_open", "iiiiiIIii", WasiErrno.NOTDIR);
        defineOpen("path_readlink", "iiiiii", WasiErrno.NOTDIR);
        defineOpen("path_remove_directory", "iii", WasiErrno.NOTDIR);
        defineOpen("path_rename", "iiiiii", WasiErrno.NOTDIR);
        defineOpen("path_unlink_file", "iii", WasiErrno.NOTDIR);
        // The descriptor comes after the text that the link is to hold.
        define("path_symlink", "iiiii", (w, m, a) -> w.streams().ifOpen(i(a, 2), WasiErrno.NOTDIR));
    }

    private static void defineSockets() {
        defineOpen("sock_accept", "iii", WasiErrno.NOTSOCK);
        defineOpen("sock_recv", "iiiiii", WasiErrno.NOTSOCK);
        defineOpen("sock_send", "iiiii", WasiErrno.NOTSOCK);
        defineOpen("sock_shutdown", "ii", WasiErrno.NOTSOCK);
    }

    /** Defines what always answers with one error, but with {@link WasiErrno#BADF} if the first argument is not open. */
    private static void defineOpen(String name, String params, int error) {
        define(name, params, (w, m, a) -> w.streams().ifOpen(i(a, 0), error));
    }

    /** Defines a function that returns a {@link WasiErrno}; {@code i} stands for an i32 and {@code I} for an i64. */
    private static void define(String name, String params, Body body) {
        List<WasmType> types = new ArrayList<>();
        for (int at = 0; at < params.length(); at++) {
            types.add(params.charAt(at) == 'i' ? WasmType.I32 : WasmType.I64);
        }
        ENTRIES.put(name, new Entry(new WasmFunctionType(types, List.of(WasmType.I32)), body));
    }

    private static int i(long[] args, int index) {
        return (int) args[index];
    }

    private record Entry(WasmFunctionType type, Body body) {}

    /** What a function does to one guest's view of the system. */
    @FunctionalInterface
    private interface Body {
        int call(Wasi wasi, GuestMemory memory, long[] args);
    }
}
