package org.circleosd.pluginmanager.engine.chicory;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;

/**
 * HotSpot never compiles a method of more than 8,000 bytes of bytecode unless it is told to. A few such functions in a
 * real plugin make it ten times slower, for good.
 */
final class HugeMethods {

    static final String FLAG = "DontCompileHugeMethods";

    private static final Logger LOG = System.getLogger(HugeMethods.class.getName());

    private HugeMethods() {}

    static void warnIfNotCompiled() {
        try {
            if (areLeftToTheInterpreter()) {
                LOG.log(
                        Level.WARNING,
                        "large wasm functions will be up to 12 times slower:" + " start the JVM with -XX:-" + FLAG);
            }
        } catch (NoClassDefFoundError | IllegalArgumentException e) {
            // Another JVM than HotSpot: it has neither the flag nor, perhaps, the package.
            LOG.log(Level.DEBUG, "cannot read the JVM's flags", e);
        }
    }

    static boolean areLeftToTheInterpreter() {
        HotSpotDiagnosticMXBean flags = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return flags != null && Boolean.parseBoolean(flags.getVMOption(FLAG).getValue());
    }
}
