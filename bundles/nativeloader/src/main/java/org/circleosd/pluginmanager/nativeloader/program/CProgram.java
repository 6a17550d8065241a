package org.circleosd.pluginmanager.nativeloader.program;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameKind;

/** The small worker program, if the build had a C compiler for this platform. */
final class CProgram {

    private static final int SECONDS_TO_START = 10;
    private static final int MOST_BYTES = 1000;

    private CProgram() {}

    /**
     * Starts it once, for it may be there and not run: on a file system without programs, with another C library.
     *
     * @throws IOException that says why it does not run
     */
    static void check(Path program) throws IOException {
        Process process = start(program);
        try {
            // It ends when its requests end.
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS_TO_START, TimeUnit.SECONDS)) {
                throw new IOException(program + " does not end when its requests do");
            }
            byte[] said = readAll(process.getInputStream());
            Frame ready = Frame.read(new ByteArrayInputStream(said), MOST_BYTES);
            int version = ready.kind() == FrameKind.READY ? ready.body().u32() : 0;
            if (version != FrameKind.PROTOCOL_VERSION) {
                throw new IOException(program + " speaks version " + version + " of the protocol; expected "
                        + FrameKind.PROTOCOL_VERSION);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the check of " + program + " was interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(Path program) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program.toString()).redirectError(Redirect.DISCARD);
        builder.environment().clear();
        try {
            return builder.start();
        } catch (IOException e) {
            throw new IOException("it cannot be executed (" + e.getMessage() + "); is " + program.getParent()
                    + " on a file system mounted noexec?");
        }
    }

    private static byte[] readAll(InputStream in) throws IOException {
        return in.readNBytes(MOST_BYTES);
    }
}
