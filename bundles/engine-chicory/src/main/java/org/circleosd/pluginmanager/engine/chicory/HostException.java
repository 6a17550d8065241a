package org.circleosd.pluginmanager.engine.chicory;

/**
 * Carries what a host function threw through the guest's frames, of one instance or of several that are linked. Traps of
 * the engine and exceptions of the guest are caught and replaced on their way; of this type the engine knows nothing.
 */
final class HostException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final RuntimeException thrown;

    HostException(RuntimeException thrown) {
        super(null, thrown, false, false);
        this.thrown = thrown;
    }

    RuntimeException thrown() {
        return thrown;
    }
}
