package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code plugin_host} in {@code plugin.h}, made once for all plugins. A plugin is told by the number in
 * its table's {@code ctx}: one that was closed, and whose threads call on, is not found and denied instead of calling
 * freed memory.
 */
final class HostTable implements AutoCloseable {

    private static final int CONTEXT_AT = 8;
    private static final int FUNCTIONS_AT = 16;
    private static final int MAX_KEY_BYTES = 4096;
    private static final int MAX_LOG_BYTES = 64 << 10;

    private final Map<Long, HostServices> plugins = new ConcurrentHashMap<>();
    private final AtomicLong lastContext = new AtomicLong();
    private final NativeCallback[] functions = {
        new NativeCallback(void.class, null, this::log, long.class, int.class, Pointer.class, long.class),
        new NativeCallback(
                long.class, (long) Abi.FAIL, this::configGet, long.class, Pointer.class, Pointer.class, long.class),
        new NativeCallback(
                long.class,
                (long) Abi.FAIL,
                arguments -> (long) Abi.DENIED,
                long.class,
                Pointer.class,
                Pointer.class,
                long.class),
        new NativeCallback(
                int.class, Abi.FAIL, arguments -> Abi.DENIED, long.class, Pointer.class, Pointer.class, long.class),
        new NativeCallback(int.class, 1, this::cancelled, long.class),
        new NativeCallback(Pointer.class, null, arguments -> null, long.class, Pointer.class)
    };

    /** Makes the table of one plugin. */
    Entry add(HostServices services) {
        long context = lastContext.incrementAndGet();
        plugins.put(context, services);
        return new Entry(context, table(context));
    }

    /** Ends the functions: no plugin is found any more. */
    @Override
    public void close() {
        plugins.clear();
        for (NativeCallback function : functions) {
            function.close();
        }
    }

    /** The table's 64 bytes are never freed, as the library is never unmapped: a thread left behind may read them. */
    private Pointer table(long context) {
        int size = FUNCTIONS_AT + functions.length * Long.BYTES;
        Pointer table = new Pointer(Native.malloc(size));
        table.setInt(0, size);
        table.setInt(4, Abi.MAJOR << 16 | Abi.MINOR);
        table.setLong(CONTEXT_AT, context);
        for (int i = 0; i < functions.length; i++) {
            table.setPointer(FUNCTIONS_AT + (long) i * Long.BYTES, functions[i].address());
        }
        return table;
    }

    private @Nullable Object log(@Nullable Object[] arguments) {
        HostServices services = plugins.get((Long) arguments[0]);
        Pointer text = (Pointer) arguments[2];
        long length = (Long) arguments[3];
        if (services != null && text != null) {
            // Unsigned: a size_t above the signed range is as wrong as any other that is too large.
            boolean cut = Long.compareUnsigned(length, MAX_LOG_BYTES) > 0;
            byte[] bytes = text.getByteArray(0, cut ? MAX_LOG_BYTES : (int) length);
            services.log(
                    (Integer) arguments[1], new String(bytes, StandardCharsets.UTF_8) + (cut ? " [truncated]" : ""));
        }
        return null;
    }

    private Object configGet(@Nullable Object[] arguments) {
        HostServices services = plugins.get((Long) arguments[0]);
        Pointer key = (Pointer) arguments[1];
        Pointer buffer = (Pointer) arguments[2];
        long capacity = (Long) arguments[3];
        if (services == null) {
            return (long) Abi.DENIED;
        }
        String name = key == null ? null : NativeText.read(key, MAX_KEY_BYTES);
        if (name == null || (buffer == null && capacity != 0)) {
            return (long) Abi.BAD_ARGUMENT;
        }
        byte[] value = services.config(name);
        if (value == null) {
            return (long) Abi.NOT_FOUND;
        }
        if (buffer != null) {
            int count = Long.compareUnsigned(capacity, value.length) < 0 ? (int) capacity : value.length;
            buffer.write(0, value, 0, count);
        }
        return (long) value.length;
    }

    private Object cancelled(@Nullable Object[] arguments) {
        HostServices services = plugins.get((Long) arguments[0]);
        return services == null || services.isCallLate() ? 1 : 0;
    }

    /** One plugin's {@code plugin_host}. */
    final class Entry implements AutoCloseable {

        private final long context;
        private final Pointer address;

        private Entry(long context, Pointer address) {
            this.context = context;
            this.address = address;
        }

        Pointer address() {
            return address;
        }

        /** Forgets the plugin; its functions are denied from now on. */
        @Override
        public void close() {
            plugins.remove(context);
        }
    }
}
