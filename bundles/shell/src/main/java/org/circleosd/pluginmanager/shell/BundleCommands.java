package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Takes the place of two commands of gogo.command 1.1.2: its {@code felix:update} prints a failure as if it were a
 * result, so that a script goes on, and its {@code felix:refresh} throws a NullPointerException without an argument.
 */
public final class BundleCommands {

    static final List<String> FUNCTIONS = List.of("update", "refresh");

    private final Bundles bundles;

    BundleCommands(BundleContext context) {
        bundles = new Bundles(context);
    }

    /** Updates. */
    @Descriptor("replaces a bundle by a new jar, while it is used: felix:update BUNDLE [FILE]")
    public void update(
            CommandSession session,
            @Descriptor("BUNDLE [FILE]: its id or name, and the jar as a path or URL; default: where it came from")
                    String... arguments)
            throws CommandFailure {
        if (arguments.length < 1 || arguments.length > 2) {
            throw new CommandFailure("update failed: name one bundle, and the jar if it is not where it was: "
                    + "felix:update BUNDLE [FILE]");
        }
        Bundle bundle = bundle("update", arguments[0]);
        try {
            if (arguments.length == 1) {
                bundle.update();
            } else {
                try (InputStream jar = url(session, arguments[1]).openStream()) {
                    bundle.update(jar);
                }
            }
        } catch (IOException | URISyntaxException e) {
            throw new CommandFailure("update failed: " + arguments[1] + " cannot be read: " + e.getMessage());
        } catch (BundleException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CommandFailure("update failed: " + name(bundle) + ": " + cause.getMessage());
        } catch (IllegalStateException e) {
            throw new CommandFailure("update failed: " + name(bundle) + ": " + e.getMessage());
        }
    }

    /** Refreshes. */
    @Descriptor("stops, wires anew and starts bundles and all that use them: felix:refresh BUNDLE...")
    public void refresh(@Descriptor("BUNDLE...: ids or names") String... arguments) throws CommandFailure {
        if (arguments.length == 0) {
            throw new CommandFailure("refresh failed: name the bundles to refresh: felix:refresh BUNDLE...");
        }
        List<Bundle> named = new ArrayList<>();
        for (String argument : arguments) {
            named.add(bundle("refresh", argument));
        }
        bundles.framework().adapt(FrameworkWiring.class).refreshBundles(named);
    }

    private Bundle bundle(String command, String name) throws CommandFailure {
        return bundles.find(name)
                .orElseThrow(() -> new CommandFailure(
                        command + " failed: there is no bundle '" + name + "'; felix:lb -s lists them"));
    }

    /** A path, or a {@code file:} URL without a slash, is meant from where the person is, not the daemon. */
    private static URL url(CommandSession session, String text) throws URISyntaxException, MalformedURLException {
        if (text.startsWith("file:/") || text.contains("://")) {
            return new URI(text).toURL();
        }
        String path = text.startsWith("file:") ? text.substring("file:".length()) : text;
        return session.currentDir().resolve(path).toUri().toURL();
    }

    private static String name(Bundle bundle) {
        return bundle.getSymbolicName();
    }
}
