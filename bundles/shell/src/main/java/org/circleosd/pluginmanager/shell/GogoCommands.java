package org.circleosd.pluginmanager.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.felix.gogo.jline.Builtin;
import org.apache.felix.gogo.jline.Converters;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Converter;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/**
 * The commands of gogo.jline as services: control flow, pipes and filters, files, help. Its own activator would register
 * them too, but also open a console. The names are repeated here since they are package-private there; left out are
 * those that start shells within shells or need a terminal of the daemon.
 */
final class GogoCommands implements AutoCloseable {

    /** Session variable: where commands without a scope are looked for, in this order. */
    static final String SCOPE = "SCOPE";
    /** Ours first: {@code list}, {@code info} and {@code load} mean plugins. */
    static final String SCOPES = "plugin:shell:gogo:felix:*";

    private static final List<String> BUILTIN = List.of(
            "format",
            "getopt",
            "new",
            "set",
            "tac",
            "type",
            "jobs",
            "fg",
            "bg",
            "keymap",
            "setopt",
            "unsetopt",
            "complete",
            "history",
            "widget",
            "__files",
            "__directories",
            "__usage_completion");
    private static final List<String> PROCEDURAL =
            List.of("each", "if", "not", "throw", "try", "until", "while", "break", "continue");
    private static final List<String> POSIX = List.of(
            "cat", "echo", "grep", "sort", "sleep", "cd", "pwd", "ls", "less", "watch", "head", "tail", "clear", "wc",
            "date");
    private static final List<String> SHELL = List.of("source", "help");

    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

    GogoCommands(BundleContext context, CommandProcessor processor, Shell shell) {
        register(context, new Builtin(), BUILTIN);
        register(context, new Procedural(), PROCEDURAL);
        register(context, new Posix(processor), POSIX);
        register(context, shell, SHELL);
        BundleContext framework =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getBundleContext();
        registrations.add(context.registerService(Converter.class, new Converters(framework), null));
    }

    private void register(BundleContext context, Object commands, List<String> functions) {
        Map<String, Object> properties = Map.of(
                CommandProcessor.COMMAND_SCOPE,
                "gogo",
                CommandProcessor.COMMAND_FUNCTION,
                functions.toArray(String[]::new));
        registrations.add(context.registerService(
                commands.getClass().getName(), commands, FrameworkUtil.asDictionary(properties)));
    }

    @Override
    public void close() {
        registrations.forEach(ServiceRegistration::unregister);
    }
}
