package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import org.jline.terminal.Size;
import org.jline.terminal.impl.LineDisciplineTerminal;

/**
 * The terminal of a client: what is typed there comes in here byte by byte, what is shown here goes there. Made without
 * jline's builder, which would look for providers through the thread's class loader and fall back to a dumb terminal.
 */
final class AttachedTerminal extends LineDisciplineTerminal {

    private static final int DEFAULT_COLUMNS = 80;
    private static final int DEFAULT_ROWS = 24;

    private final BooleanSupplier interruptible;

    /** Makes a terminal on which Ctrl-C and Ctrl-Z do nothing while the supplier says no. */
    AttachedTerminal(String type, OutputStream output, BooleanSupplier interruptible) throws IOException {
        super("attached", type, output, StandardCharsets.UTF_8);
        this.interruptible = interruptible;
    }

    /** Takes the window's size; 0 is unknown. */
    void resize(int columns, int rows) {
        setSize(new Size(columns > 0 ? columns : DEFAULT_COLUMNS, rows > 0 ? rows : DEFAULT_ROWS));
    }

    /** Nothing more will be typed: who reads gets the end of input. */
    void endInput() throws IOException {
        slaveInputPipe.close();
    }

    @Override
    public void raise(Signal signal) {
        boolean stops = signal == Signal.INT || signal == Signal.TSTP || signal == Signal.QUIT;
        if (stops && !interruptible.getAsBoolean()) {
            writer().println("(a bundle is being replaced; this is finished first)");
            writer().flush();
            return;
        }
        super.raise(signal);
    }
}
