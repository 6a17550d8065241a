package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import org.circleosd.pluginmanager.worker.wire.LoadStage;
import org.jspecify.annotations.Nullable;

/**
 * The loader of a POSIX system. JNA's own way to it makes a relative path absolute, which another user may not follow, and
 * finds the functions of all libraries that a library needs, so that every plugin would have a function "abort".
 */
final class DynamicLoader {

    private static final int NOW = 2;
    private static final int LOCAL_LINUX = 0;
    private static final int NO_DELETE_LINUX = 0x1000;
    private static final int LOCAL_MAC = 4;
    private static final int NO_DELETE_MAC = 0x80;
    /** Looks functions up in the library alone. */
    private static final int FIRST_MAC = 0x100;

    private static final int LINK_MAP = 2;
    /** In {@code struct link_map}, after an address. */
    private static final long NAME_AT = Long.BYTES;
    /** {@code Dl_info}: name, base, and two of the symbol. */
    private static final long INFO_BYTES = 4L * Long.BYTES;

    private final Function dlopen = function("dlopen");
    private final Function dlsym = function("dlsym");
    private final Function dlerror = function("dlerror");
    private final @Nullable Function dlinfo = Platform.isLinux() ? function("dlinfo") : null;
    private final Function dladdr = function("dladdr");

    DynamicLoader() {
        // What Java itself has to look up for such calls, it looks up now: that would take the place of an error's
        // text.
        Pointer none = dlopen.invokePointer(new Object[] {"/", NOW});
        if (none == null) {
            errorText();
        }
    }

    /**
     * Opens a library and runs its constructors. All its symbols are bound at once, or a missing one would be found by the
     * first call that needs it; nobody else sees them, or of two plugins with the same symbol the second would call into
     * the first; and it stays mapped.
     *
     * @return its handle
     * @throws RefusedException with the loader's text
     */
    Pointer open(String path) throws RefusedException {
        int flags =
                Platform.isMac() ? NOW | LOCAL_MAC | NO_DELETE_MAC | FIRST_MAC : NOW | LOCAL_LINUX | NO_DELETE_LINUX;
        Pointer handle = dlopen.invokePointer(new Object[] {path, flags});
        if (handle == null) {
            String reason = errorText();
            throw new RefusedException(
                    LoadStage.OPEN, Abi.OK, reason == null ? "the system's loader gives no reason" : reason);
        }
        return handle;
    }

    private @Nullable String errorText() {
        Pointer text = dlerror.invokePointer(new Object[0]);
        return text == null ? null : NativeText.read(text, AbiLibrary.MAX_MESSAGE_BYTES);
    }

    /** Finds what the library itself exports; null if it does not. */
    @Nullable
    Pointer find(Pointer handle, String name) {
        Pointer address = dlsym.invokePointer(new Object[] {handle, name});
        return address != null && isOwn(handle, address) ? address : null;
    }

    /** Both texts are the loader's own name of the library: the same address if it is the same library. */
    private boolean isOwn(Pointer handle, Pointer address) {
        if (dlinfo == null) {
            return true;
        }
        try (Memory map = new Memory(Long.BYTES);
                Memory info = new Memory(INFO_BYTES)) {
            return dlinfo.invokeInt(new Object[] {handle, LINK_MAP, map}) == 0
                    && dladdr.invokeInt(new Object[] {address, info}) != 0
                    && map.getPointer(0).getLong(NAME_AT) == info.getLong(0);
        }
    }

    private static Function function(String name) {
        return NativeLibrary.getProcess().getFunction(name);
    }
}
