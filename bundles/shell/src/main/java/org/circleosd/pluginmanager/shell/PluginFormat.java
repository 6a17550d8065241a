package org.circleosd.pluginmanager.shell;

import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Process;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.jspecify.annotations.Nullable;

/** Shows what the plugin commands return: tables and blocks for people, while scripts keep the objects. */
final class PluginFormat implements Converter {

    /** Session variable: columns of the terminal, a number; unset: as wide as needed. */
    static final String COLUMNS = "COLUMNS";

    @Override
    public @Nullable Object convert(Class<?> type, Object value) {
        return null;
    }

    /** Formats our own values; gogo hands the session over as the last argument. */
    @Override
    public @Nullable CharSequence format(Object value, int level, @Nullable Converter session) {
        if (value instanceof InvocationResult result) {
            return SafeText.lines(result.toString());
        }
        if (value instanceof PluginInfo plugin) {
            return level == INSPECT ? table(List.of(plugin), width(session)) : line(plugin, level);
        }
        if (level != INSPECT) {
            return null;
        }
        if (value instanceof PluginDetails details) {
            return block(details);
        }
        if (value instanceof EventList events) {
            return events.isEmpty() ? "nothing happened" : eventTable(events, width(session));
        }
        if (value instanceof PluginList list && list.isEmpty()) {
            return "no plugin is loaded";
        }
        if (value instanceof List<?> list && !list.isEmpty() && list.stream().allMatch(PluginInfo.class::isInstance)) {
            return table(list.stream().map(PluginInfo.class::cast).toList(), width(session));
        }
        return null;
    }

    private static String table(List<PluginInfo> plugins, int width) {
        TextTable table = new TextTable("ID", "NAME", "VERSION", "TYPE", "STATE", "ABI", "FUNCTIONS");
        for (PluginInfo plugin : plugins) {
            table.row(
                    plugin.id().value(),
                    plugin.name(),
                    plugin.version(),
                    plugin.type().wireName(),
                    state(plugin),
                    plugin.abi(),
                    String.join(" ", plugin.functions()));
        }
        return table.render(width);
    }

    private static String eventTable(List<PluginEvent> events, int width) {
        TextTable table = new TextTable("NUMBER", "TIME", "EVENT", "OF", "REASON");
        for (PluginEvent event : events) {
            PluginId plugin = event.plugin();
            table.row(
                    Long.toString(event.sequence()),
                    event.time().truncatedTo(ChronoUnit.MILLIS).toString(),
                    event.kind().wireName(),
                    plugin == null ? "bundle " + event.bundle() : plugin.value(),
                    event.reason());
        }
        return table.render(width);
    }

    /** Says more where the code is not what one expects of a plugin that takes calls. */
    private static String state(PluginInfo plugin) {
        EngineStatus engine = plugin.engine();
        String state = plugin.state().wireName();
        if (engine == null) {
            return state;
        }
        return switch (engine.mode()) {
            case COMPILED -> state;
            case COMPILING -> state + ", compiling " + engine.compiled() + "/" + engine.of();
            case MIXED -> state + ", " + (engine.of() - engine.compiled()) + " interpreted";
            case FAILED -> state + ", not ready";
        };
    }

    private static String engine(EngineStatus engine) {
        return engine.engine() + ", "
                + switch (engine.mode()) {
                    case COMPILED -> "all " + engine.of() + " functions compiled";
                    case COMPILING -> "compiling: " + engine.compiled() + " of " + engine.of() + " functions";
                    case MIXED ->
                        engine.compiled() + " of " + engine.of() + " functions compiled, the others interpreted";
                    case FAILED -> "the code could not be made ready; a call says why";
                };
    }

    private static String line(PluginInfo plugin, int level) {
        String id = plugin.id().value();
        return level == PART ? id : id + " (" + SafeText.line(plugin.name() + " " + plugin.version()) + ")";
    }

    private static String block(PluginDetails details) {
        PluginInfo plugin = details.plugin();
        TextBlock block = new TextBlock();
        block.add("id", plugin.id().value());
        block.add("name", plugin.name());
        block.add("version", plugin.version());
        block.add("description", plugin.description());
        block.add("type", plugin.type().wireName());
        block.add("state", plugin.state().wireName());
        String reason = plugin.reason();
        if (reason != null) {
            block.add("reason", reason);
        }
        block.add("path", plugin.path());
        block.add("sha256", plugin.sha256().hex());
        block.add("abi", plugin.abi());
        block.add("functions", String.join(" ", plugin.functions()));
        String signer = plugin.signer();
        block.add("signer", signer == null ? "nobody" : signer);
        block.add("isolation", String.join(" ", plugin.isolation()));
        plugin.unenforced().forEach(layer -> block.add("unenforced", layer));
        EngineStatus engine = plugin.engine();
        if (engine != null) {
            block.add("engine", engine(engine));
        }
        plugin.details().forEach(block::add);
        block.add("loaded_at", plugin.loadedAt().toString());
        block.add("log", details.log().isEmpty() ? "nothing yet" : "");
        StringBuilder text = new StringBuilder(block.render());
        details.log()
                .forEach(line -> text.append("  ").append(SafeText.line(line)).append('\n'));
        return text.toString().stripTrailing();
    }

    /** Text that goes to another command or into a file is not cut to the width of the terminal. */
    private static int width(@Nullable Converter session) {
        Process process = Process.Utils.current();
        boolean toTerminal = process == null || process.isTty(1);
        if (!toTerminal || !(session instanceof CommandSession commandSession)) {
            return 0;
        }
        return commandSession.get(COLUMNS) instanceof Number columns ? columns.intValue() : 0;
    }
}
