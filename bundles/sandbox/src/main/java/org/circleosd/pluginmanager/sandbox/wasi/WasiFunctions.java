package org.circleosd.pluginmanager.sandbox.wasi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;
import org.jspecify.annotations.Nullable;

/**
 * All functions of WASI preview 1, so that every module made for it can be linked. What would need a socket answers with
 * the error of a system that has none.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md">WASI preview 1</a>
 */
public final class WasiFunctions {

    /** First part of the functions' names. */
    public static final String MODULE = "wasi_snapshot_preview1";

    private static final Map<String, Entry> ENTRIES = new HashMap<>();

    static {
        defineProcess();
        defineDescriptors();
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
        return new ImportedFunction(MODULE, name, entry.type, (memory, args) -> answer(entry.body, wasi, memory, args));
    }

    /** Returns all names. */
    public static List<String> names() {
        return List.copyOf(ENTRIES.keySet());
    }

    private static void defineProcess() {
        define("args_get", "ii", (w, m, a) -> w.args(m, i(a, 0), i(a, 1)));
        define("args_sizes_get", "ii", (w, m, a) -> w.argsSizes(m, i(a, 0), i(a, 1)));
        define("environ_get", "ii", (w, m, a) -> w.environ(m, i(a, 0), i(a, 1)));
        define("environ_sizes_get", "ii", (w, m, a) -> w.environSizes(m, i(a, 0), i(a, 1)));
        define("clock_res_get", "ii", (w, m, a) -> w.clock().resolution(m, i(a, 0), i(a, 1)));
        define("clock_time_get", "iIi", (w, m, a) -> w.clock().time(m, i(a, 0), i(a, 2)));
        define("poll_oneoff", "iiii", (w, m, a) -> w.poll().poll(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3)));
        define("random_get", "ii", (w, m, a) -> w.random(m, i(a, 0), i(a, 1)));
        // The host's scheduler shares its processors anyway.
        define("sched_yield", "", (w, m, a) -> {});
        define("proc_raise", "i", (w, m, a) -> {
            throw TreeFailure.of(WasiErrno.NOSYS);
        });
        ENTRIES.put("proc_exit", new Entry(new WasmFunctionType(List.of(WasmType.I32), List.of()), (w, m, a) -> {
            throw new ProcExit(i(a, 0));
        }));
    }

    private static void defineDescriptors() {
        define("fd_read", "iiii", (w, m, a) -> w.files().read(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3)));
        define("fd_write", "iiii", (w, m, a) -> w.files().write(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3)));
        define("fd_pread", "iiiIi", (w, m, a) -> w.files().readAt(m, i(a, 0), i(a, 1), i(a, 2), a[3], i(a, 4)));
        define("fd_pwrite", "iiiIi", (w, m, a) -> w.files().writeAt(m, i(a, 0), i(a, 1), i(a, 2), a[3], i(a, 4)));
        define("fd_seek", "iIii", (w, m, a) -> w.files().seek(m, i(a, 0), a[1], i(a, 2), i(a, 3)));
        define("fd_tell", "ii", (w, m, a) -> w.files().tell(m, i(a, 0), i(a, 1)));
        define("fd_advise", "iIIi", (w, m, a) -> w.files().advise(i(a, 0), i(a, 3)));
        define("fd_allocate", "iII", (w, m, a) -> w.files().allocate(i(a, 0), a[1], a[2]));
        define("fd_datasync", "i", (w, m, a) -> w.files().sync(i(a, 0), false));
        define("fd_sync", "i", (w, m, a) -> w.files().sync(i(a, 0), true));
        define("fd_fdstat_get", "ii", (w, m, a) -> w.files().descriptorStat(m, i(a, 0), i(a, 1)));
        define("fd_fdstat_set_flags", "ii", (w, m, a) -> w.files().setFlags(i(a, 0), i(a, 1)));
        define("fd_fdstat_set_rights", "iII", (w, m, a) -> w.files().setRights(i(a, 0), a[1], a[2]));
        define("fd_filestat_get", "ii", (w, m, a) -> w.files().stat(m, i(a, 0), i(a, 1)));
        define("fd_filestat_set_size", "iI", (w, m, a) -> w.files().setSize(i(a, 0), a[1]));
        define("fd_filestat_set_times", "iIIi", (w, m, a) -> w.files().setTimes(i(a, 0), a[1], a[2], i(a, 3)));
        define("fd_readdir", "iiiIi", (w, m, a) -> w.listing().list(m, i(a, 0), i(a, 1), i(a, 2), a[3], i(a, 4)));
        define("fd_close", "i", (w, m, a) -> w.files().close(i(a, 0)));
        define("fd_renumber", "ii", (w, m, a) -> w.files().renumber(i(a, 0), i(a, 1)));
        define("fd_prestat_get", "ii", (w, m, a) -> w.files().prestat(m, i(a, 0), i(a, 1)));
        define("fd_prestat_dir_name", "iii", (w, m, a) -> w.files().prestatName(m, i(a, 0), i(a, 1), i(a, 2)));
    }

    private static void definePaths() {
        define("path_create_directory", "iii", (w, m, a) -> w.paths().createDirectory(m, i(a, 0), i(a, 1), i(a, 2)));
        define("path_filestat_get", "iiiii", (w, m, a) -> w.paths()
                .stat(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4)));
        define("path_filestat_set_times", "iiiiIIi", (w, m, a) -> w.paths()
                .setTimes(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3), a[4], a[5], i(a, 6)));
        define("path_link", "iiiiiii", (w, m, a) -> w.paths()
                .link(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4), i(a, 5), i(a, 6)));
        define("path_open", "iiiiiIIii", Wasi::open);
        define("path_readlink", "iiiiii", (w, m, a) -> w.paths()
                .readLink(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4), i(a, 5)));
        define("path_remove_directory", "iii", (w, m, a) -> w.paths().removeDirectory(m, i(a, 0), i(a, 1), i(a, 2)));
        define("path_rename", "iiiiii", (w, m, a) -> w.paths()
                .rename(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4), i(a, 5)));
        // The descriptor comes after the text that the link is to hold.
        define("path_symlink", "iiiii", (w, m, a) -> w.paths().symlink(m, i(a, 0), i(a, 1), i(a, 2), i(a, 3), i(a, 4)));
        define("path_unlink_file", "iii", (w, m, a) -> w.paths().unlinkFile(m, i(a, 0), i(a, 1), i(a, 2)));
    }

    /** There are no sockets: every open descriptor is something else. */
    private static void defineSockets() {
        define("sock_accept", "iii", (w, m, a) -> w.files().refuseSocket(i(a, 0)));
        define("sock_recv", "iiiiii", (w, m, a) -> w.files().refuseSocket(i(a, 0)));
        define("sock_send", "iiiii", (w, m, a) -> w.files().refuseSocket(i(a, 0)));
        define("sock_shutdown", "ii", (w, m, a) -> w.files().refuseSocket(i(a, 0)));
    }

    /** Defines a function that returns a {@link WasiErrno}; {@code i} stands for an i32 and {@code I} for an i64. */
    private static void define(String name, String params, Body body) {
        List<WasmType> types = new ArrayList<>();
        for (int at = 0; at < params.length(); at++) {
            types.add(params.charAt(at) == 'i' ? WasmType.I32 : WasmType.I64);
        }
        ENTRIES.put(name, new Entry(new WasmFunctionType(types, List.of(WasmType.I32)), body));
    }

    private static long answer(Body body, Wasi wasi, GuestMemory memory, long[] args) {
        try {
            body.call(wasi, memory, args);
            return WasiErrno.SUCCESS;
        } catch (TreeFailure e) {
            return e.errno();
        }
    }

    private static int i(long[] args, int index) {
        return (int) args[index];
    }

    private record Entry(WasmFunctionType type, Body body) {}

    /** What a function does to one guest's view of the system; throws {@link TreeFailure}. */
    @FunctionalInterface
    private interface Body {
        void call(Wasi wasi, GuestMemory memory, long[] args);
    }
}
