package org.circleosd.pluginmanager.worker.linux;

/** Which filter a worker gets before it opens the first plugin. */
public enum Lockdown {
    /** For a worker that is a JVM: what is known to be dangerous is refused. */
    JVM,
    /** For a worker in C: what is not known to be needed is refused; nor may its memory be writable and executable. */
    C
}
