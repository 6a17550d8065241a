package org.circleosd.pluginmanager.worker;

/** Opens what this process may need later: once it is another user it cannot enter the daemon's folders any more. */
final class Preparation {

    private Preparation() {}

    /** Has all files of classes opened: with an archive of classes Java opens them only when a class is missing there. */
    static void openAll() {
        ClassLoader loader = Preparation.class.getClassLoader();
        if (loader != null && loader.getResource("no such resource") != null) {
            throw new IllegalStateException("a resource of that name exists");
        }
    }
}
