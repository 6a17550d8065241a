package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code plugin_host} in {@code plugin.h}, made once for all plugins. A plugin is told by the number in
 * its table's {@code ctx}: one that was closed, and whose threads call on, is not found and denied instead of calling
 * freed memory.
 */
public final class HostTable implements AutoCloseable {

    private static final int CONTEXT_AT = 8;
    private static final int FUNCTIONS_AT = 16;
    private static final int MAX_KEY_BYTES = 4096;
    /** More than any quota; a plugin's wrong length must not be read to its end. */
    private static final int MAX_VALUE_BYTES = 16 << 20;

    private final Map<Long, HostServices> plugins = new ConcurrentHashMap<>();
    private final AtomicLong lastContext = new AtomicLong();
    private final HostFunction[] functions;

    /** @param maker makes the functions */
    public HostTable(HostFunction.Maker maker) {
        Long failed = (long) Abi.FAIL;
        functions = new HostFunction[] {
            maker.make(void.class, null, this::log, long.class, int.class, Pointer.class, long.class),
            maker.make(long.class, failed, this::configGet, long.class, Pointer.class, Pointer.class, long.class),
            maker.make(long.class, failed, this::kvGet, long.class, Pointer.class, Pointer.class, long.class),
            maker.make(int.class, Abi.FAIL, this::kvPut, long.class, Pointer.class, Pointer.class, long.class),
            maker.make(int.class, 1, this::cancelled, long.class),
            maker.make(Pointer.class, null, this::extension, long.class, Pointer.class)
        };
    }

    /** Makes the table of one plugin. */
    public Entry add(HostServices services) {
        long context = lastContext.incrementAndGet();
        plugins.put(context, services);
        return new Entry(context, table(context));
    }

    /** Has each kind of function called once, by a plugin that does not exist: then what JNA needs for it is there. */
    public void rehearse() {
        Function.getFunction(functions[0].address()).invokeVoid(new Object[] {0L, 0, null, 0L});
        Function.getFunction(functions[1].address()).invokeLong(new Object[] {0L, null, null, 0L});
        Function.getFunction(functions[4].address()).invokeInt(new Object[] {0L});
        Function.getFunction(functions[5].address()).invokePointer(new Object[] {0L, null});
    }

    /** Ends the functions: no plugin is found any more. */
    @Override
    public void close() {
        plugins.clear();
        for (HostFunction function : functions) {
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
            boolean cut = Long.compareUnsigned(length, Frame.MAX_LOG_BYTES) > 0;
            services.log((Integer) arguments[1], text.getByteArray(0, cut ? Frame.MAX_LOG_BYTES : (int) length));
        }
        return null;
    }

    private Object configGet(@Nullable Object[] arguments) {
        return value(arguments, HostServices::config);
    }

    private Object kvGet(@Nullable Object[] arguments) {
        return value(arguments, HostServices::get);
    }

    private Object value(@Nullable Object[] arguments, BiFunction<HostServices, String, Value> source) {
        HostServices services = plugins.get((Long) arguments[0]);
        Pointer buffer = (Pointer) arguments[2];
        long capacity = (Long) arguments[3];
        if (services == null) {
            return (long) Abi.DENIED;
        }
        String key = key(arguments[1]);
        if (key == null || (buffer == null && capacity != 0)) {
            return (long) Abi.BAD_ARGUMENT;
        }
        Value value = source.apply(services, key);
        if (value.code() != Abi.OK) {
            return (long) value.code();
        }
        byte[] bytes = value.bytes();
        if (buffer != null) {
            int count = Long.compareUnsigned(capacity, bytes.length) < 0 ? (int) capacity : bytes.length;
            buffer.write(0, bytes, 0, count);
        }
        return (long) bytes.length;
    }

    private Object kvPut(@Nullable Object[] arguments) {
        HostServices services = plugins.get((Long) arguments[0]);
        Pointer value = (Pointer) arguments[2];
        long length = (Long) arguments[3];
        if (services == null) {
            return Abi.DENIED;
        }
        String key = key(arguments[1]);
        if (key == null) {
            return Abi.BAD_ARGUMENT;
        }
        if (value == null) {
            return services.put(key, null);
        }
        if (Long.compareUnsigned(length, MAX_VALUE_BYTES) > 0) {
            return Abi.BAD_ARGUMENT;
        }
        return services.put(key, value.getByteArray(0, (int) length));
    }

    private static @Nullable String key(@Nullable Object text) {
        String key = text == null ? null : NativeText.read((Pointer) text, MAX_KEY_BYTES + 1);
        return key == null || key.isEmpty() ? null : key;
    }

    private Object cancelled(@Nullable Object[] arguments) {
        HostServices services = plugins.get((Long) arguments[0]);
        return services == null || services.isCallLate() ? 1 : 0;
    }

    /** No extension exists yet. */
    private @Nullable Object extension(@Nullable Object[] arguments) {
        return null;
    }

    /** One plugin's {@code plugin_host}. */
    public final class Entry implements AutoCloseable {

        private final long context;
        private final Pointer address;

        private Entry(long context, Pointer address) {
            this.context = context;
            this.address = address;
        }

        /** Returns where the table is. */
        public Pointer address() {
            return address;
        }

        /** Forgets the plugin; its functions are denied from now on. */
        @Override
        public void close() {
            plugins.remove(context);
        }
    }
}
