package org.circleosd.pluginmanager.worker;

import java.util.Map;
import org.circleosd.pluginmanager.worker.abi.CallMemory;
import org.circleosd.pluginmanager.worker.abi.HostTable;
import org.circleosd.pluginmanager.worker.abi.Posix;
import org.jspecify.annotations.Nullable;

/**
 * What the plugins of this process share.
 *
 * @param posix null on a system that is none
 * @param stdout null there, too
 * @param printing null there, too
 */
record WorkerServices(
        Replies replies,
        Questions questions,
        HostTable table,
        @Nullable Posix posix,
        Posix.@Nullable Stdout stdout,
        @Nullable Printing printing) {

    static WorkerServices of(WorkerPipes pipes) {
        Replies replies = new Replies(pipes.replies());
        Posix posix = pipes.posix();
        return new WorkerServices(
                replies,
                new Questions(replies),
                new HostTable(PlainCallback::new),
                posix,
                posix == null ? null : posix.stdout(),
                posix == null ? null : new Printing(posix));
    }

    /** Returns the same with other replies. */
    WorkerServices answering(Replies others) {
        return new WorkerServices(others, questions, table, posix, stdout, printing);
    }

    /** Writes out what C code left in the buffer of stdout. */
    void flush(CallMemory memory) {
        if (stdout != null) {
            memory.flush(stdout);
        }
    }

    void setEnvironment(Map<String, String> variables) {
        if (posix != null) {
            variables.forEach(posix::setEnvironment);
        }
    }
}
