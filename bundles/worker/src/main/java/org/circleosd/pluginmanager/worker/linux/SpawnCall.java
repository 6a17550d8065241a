package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code posix_spawn} with all that it needs in native memory. */
final class SpawnCall implements AutoCloseable {

    private static final CFunction SPAWN = CFunction.of("posix_spawn");
    private static final CFunction INIT_ACTIONS = CFunction.of("posix_spawn_file_actions_init");
    private static final CFunction ADD_DUP2 = CFunction.of("posix_spawn_file_actions_adddup2");
    private static final CFunction ADD_CHDIR = CFunction.of("posix_spawn_file_actions_addchdir_np");
    /** Newer than glibc 2.33; without it nothing is left but close-on-exec, which all descriptors of the JDK have. */
    private static final @Nullable CFunction ADD_CLOSE_FROM =
            CFunction.find("posix_spawn_file_actions_addclosefrom_np");

    private static final CFunction DESTROY_ACTIONS = CFunction.of("posix_spawn_file_actions_destroy");
    private static final CFunction INIT_ATTRIBUTES = CFunction.of("posix_spawnattr_init");
    private static final CFunction SET_FLAGS = CFunction.of("posix_spawnattr_setflags");
    private static final CFunction SET_DEFAULTS = CFunction.of("posix_spawnattr_setsigdefault");
    private static final CFunction SET_MASK = CFunction.of("posix_spawnattr_setsigmask");
    private static final CFunction DESTROY_ATTRIBUTES = CFunction.of("posix_spawnattr_destroy");
    private static final CFunction FILL_SIGNALS = CFunction.of("sigfillset");

    /** More than {@code posix_spawn_file_actions_t}, {@code posix_spawnattr_t} or {@code sigset_t} have anywhere. */
    private static final int OPAQUE_BYTES = 1024;

    private static final int SET_SIGNAL_DEFAULTS = 0x04;
    private static final int SET_SIGNAL_MASK = 0x08;
    private static final int SET_SESSION = 0x80;

    private final List<Memory> memories = new ArrayList<>();
    private final Memory pid = zeroes(Long.BYTES);
    private final Memory actions = zeroes(OPAQUE_BYTES);
    private final Memory attributes = zeroes(OPAQUE_BYTES);
    private final PreparedCall call;

    /**
     * Puts a call together.
     *
     * @param standard what the program gets as its descriptors 0, 1 and 2; it gets no other
     */
    SpawnCall(ProcessPlan plan, List<Descriptor> standard) throws IOException {
        try {
            require(INIT_ACTIONS.call(address(actions)));
            require(INIT_ATTRIBUTES.call(address(attributes)));
            for (int i = 0; i < standard.size(); i++) {
                require(ADD_DUP2.call(address(actions), standard.get(i).number(), i));
            }
            if (ADD_CLOSE_FROM != null) {
                require(ADD_CLOSE_FROM.call(address(actions), standard.size()));
            }
            require(ADD_CHDIR.call(address(actions), text(plan.directory().toString())));
            setAttributes();
            List<String> environment = new ArrayList<>();
            plan.environment().forEach((name, value) -> environment.add(name + "=" + value));
            call = SPAWN.prepare(
                    address(pid),
                    text(plan.command().get(0)),
                    address(actions),
                    address(attributes),
                    texts(plan.command()),
                    texts(environment));
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Returns the call; its result is an errno, or 0. */
    PreparedCall call() {
        return call;
    }

    /** Returns where the call leaves the pid of the new process. */
    Memory pid() {
        return pid;
    }

    @Override
    public void close() {
        DESTROY_ACTIONS.call(address(actions));
        DESTROY_ATTRIBUTES.call(address(attributes));
        for (Memory memory : memories) {
            memory.close();
        }
    }

    // A JVM's threads block some signals and a daemon may ignore others, and both would be inherited. The session is
    // the process's own: what a terminal sends to the daemon's group does not reach it.
    private void setAttributes() throws IOException {
        Memory all = zeroes(OPAQUE_BYTES);
        Memory none = zeroes(OPAQUE_BYTES);
        FILL_SIGNALS.call(address(all));
        require(SET_DEFAULTS.call(address(attributes), address(all)));
        require(SET_MASK.call(address(attributes), address(none)));
        require(SET_FLAGS.call(address(attributes), SET_SIGNAL_DEFAULTS | SET_SIGNAL_MASK | SET_SESSION));
    }

    private long texts(List<String> texts) {
        Memory array = zeroes((texts.size() + 1L) * Long.BYTES);
        for (int i = 0; i < texts.size(); i++) {
            array.setLong((long) i * Long.BYTES, text(texts.get(i)));
        }
        return address(array);
    }

    private long text(String text) {
        Memory memory = NativeText.copy(text);
        memories.add(memory);
        return address(memory);
    }

    private Memory zeroes(long bytes) {
        Memory memory = new Memory(bytes);
        memory.clear();
        memories.add(memory);
        return memory;
    }

    private static long address(Memory memory) {
        return Pointer.nativeValue(memory);
    }

    private static void require(int errno) throws IOException {
        if (errno != 0) {
            throw new IOException("cannot prepare the start of a process: " + Errno.text(errno));
        }
    }
}
