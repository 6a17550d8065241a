package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.util.List;
import org.circleosd.pluginmanager.worker.linux.OwnerThread.Step;

/** A network without interfaces that are up, and a world of System V IPC without objects, one of each for all workers. */
final class EmptyNetwork implements AutoCloseable {

    private static final CFunction SETNS = CFunction.of("setns");
    private static final CFunction UNSHARE = CFunction.of("unshare");
    private static final int CLONE_NEWIPC = 0x0800_0000;
    private static final int CLONE_NEWNET = 0x4000_0000;

    private final Descriptor network;
    private final Descriptor ipc;

    private EmptyNetwork(Descriptor network, Descriptor ipc) {
        this.network = network;
        this.ipc = ipc;
    }

    /**
     * Makes it.
     *
     * @throws IOException if this process may not
     */
    static EmptyNetwork make() throws IOException {
        Descriptor network = unshared(CLONE_NEWNET, "net");
        try {
            return new EmptyNetwork(network, unshared(CLONE_NEWIPC, "ipc"));
        } catch (IOException e) {
            network.close();
            throw e;
        }
    }

    // The namespace lives as long as the descriptor: no thread has to stay in it.
    private static Descriptor unshared(int kind, String name) throws IOException {
        try (NativeText path = new NativeText("/proc/thread-self/ns/" + name)) {
            int result = ThrowawayThread.make(
                    UNSHARE.prepare(kind), Libc.OPEN.prepare(path.address(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0));
            if (result < 0) {
                throw new IOException("no namespace of its own (" + name + "): " + Errno.text(-result));
            }
            return Descriptor.of(result, "keep a namespace");
        }
    }

    /** The calls that put a thread, and what it starts, there. */
    List<Step> enter() {
        return List.of(
                new Step("enter the empty network", SETNS.prepare(network.number(), CLONE_NEWNET)),
                new Step("leave the common IPC", SETNS.prepare(ipc.number(), CLONE_NEWIPC)));
    }

    @Override
    public void close() {
        network.close();
        ipc.close();
    }
}
