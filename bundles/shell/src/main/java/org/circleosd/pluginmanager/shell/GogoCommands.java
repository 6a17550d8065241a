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
 * What a session needs besides the plugin commands, as services that gogo finds: converters, our few commands, and the
 * commands of gogo.jline for control flow, pipes and filters, files, help. The activator of gogo.jline would register
 * its commands too, but also open a console. Their names are repeated here since they are package-private there; left
 * out are those that start shells within shells or need a terminal of the daemon.
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

    private final BundleContext context;
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

    GogoCommands(BundleContext context, CommandProcessor processor, Shell shell) {
        this.context = context;
        BundleContext framework =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getBundleContext();
        register(new PluginFormat());
        register(new BundleConverter(framework));
        register(new Converters(framework));
        register("shell", new ExitCommand(), ExitCommand.FUNCTIONS, 0);
        // Above those of gogo.command, whose place they take.
        register("felix", new BundleCommands(framework), BundleCommands.FUNCTIONS, 100);
        register("gogo", new Builtin(), BUILTIN, 0);
        register("gogo", new Procedural(), PROCEDURAL, 0);
        register("gogo", new Posix(processor), POSIX, 0);
        register("gogo", shell, SHELL, 0);
    }

    private void register(Converter converter) {
        registrations.add(context.registerService(Converter.class, converter, null));
    }

    private void register(String scope, Object commands, List<String> functions, int ranking) {
        Map<String, Object> properties = Map.of(
                CommandProcessor.COMMAND_SCOPE, scope,
                CommandProcessor.COMMAND_FUNCTION, functions.toArray(String[]::new),
                Constants.SERVICE_RANKING, ranking);
        registrations.add(context.registerService(
                commands.getClass().getName(), commands, FrameworkUtil.asDictionary(properties)));
    }

    @Override
    public void close() {
        registrations.forEach(ServiceRegistration::unregister);
    }
}
