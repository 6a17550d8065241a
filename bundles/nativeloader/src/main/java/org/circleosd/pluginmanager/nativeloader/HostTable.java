package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code plugin_host} in {@code plugin.h}, made once for all plugins. A plugin is told by the number in
 * its table's {@code ctx}: a plugin that was closed, and whose threads call on, is no longer found and gets
 * {@code PLUGIN_E_DENIED} instead of calling freed memory.
 */
final class HostTable {

    private static final int CONTEXT_AT = 8;
    private static final int FUNCTIONS_AT = 16;
    private static final int MAX_KEY_BYTES = 4096;
    private static final int MAX_LOG_BYTES = 64 << 10;

    private final Map<Long, HostServices> plugins = new ConcurrentHashMap<>();
    /** Tables of closed plugins, 64 bytes each, kept: a thread that a plugin left behind may still read its own. */
    private final Queue<Memory> retired = new ConcurrentLinkedQueue<>();

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

    private Memory table(long context) {
        int size = FUNCTIONS_AT + functions.length * Long.BYTES;
        Memory table = new Memory(size);
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
        private final Memory memory;

        private Entry(long context, Memory memory) {
            this.context = context;
            this.memory = memory;
        }

        Pointer address() {
            return memory;
        }

        /** Forgets the plugin; its functions are denied from now on. */
        @Override
        public void close() {
            plugins.remove(context);
            retired.add(memory);
        }
    }
}
