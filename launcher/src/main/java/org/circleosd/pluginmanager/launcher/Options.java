package org.circleosd.pluginmanager.launcher;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the command line asks for. All paths are absolute.
 *
 * @param command what to do
 * @param socket where clients connect
 * @param state directory of everything that survives
 * @param plugins drop folder of plugin files
 * @param bundles folder of the product's bundles
 * @param config folder of the configuration files
 * @param safeMode whether the kept plugins stay closed in this run
 * @param shell whether to open a shell on this terminal; empty: if it is one
 * @param shellCommand words of the one command for a running daemon; empty: an interactive shell
 */
record Options(
        Command command,
        Path socket,
        Path state,
        Path plugins,
        Path bundles,
        Path config,
        boolean safeMode,
        Optional<Boolean> shell,
        List<String> shellCommand) {

    static final String USAGE = """
            usage: plugin-manager [options]                   run the daemon
                   plugin-manager [options] shell [COMMAND]   attach to the running daemon, or run one command in it

              --socket PATH    where clients connect; default /tmp/plugin-manager.sock
              --state DIR      what survives a restart; default /var/lib/plugin-manager for root,
                               else plugin-manager in $XDG_STATE_HOME or ~/.local/state
              --plugins DIR    drop folder of plugin files; default: plugins in the distribution
              --bundles DIR    the product's bundles; default: bundles in the distribution
              --config DIR     configuration files; default: config in the distribution
              --shell          open a shell on this terminal; the daemon ends with it
              --no-shell       open none, also on a terminal
              --safe-mode      start with no plugin active, to unload or enable them one by one
              --lock           write down which jars may run, in bundles.lock of the configuration, and end;
                               a start with other jars is refused from then on, until the file is deleted
              --version        print the version
              --help           print this

            environment: PLUGIN_MANAGER_SOCKET and PLUGIN_MANAGER_STATE stand for --socket and --state,
                         PLUGIN_MANAGER_JAVA_OPTS adds options for the Java machine, JAVA_HOME says which one,
                         PLUGIN_MANAGER_ARCHIVE=off makes no archive of loaded classes for faster starts
            """;

    static final Path DEFAULT_SOCKET = Path.of("/tmp/plugin-manager.sock");

    enum Command {
        RUN,
        SHELL,
        LOCK,
        VERSION,
        HELP
    }

    private enum Place {
        SOCKET,
        STATE,
        PLUGINS,
        BUNDLES,
        CONFIG
    }

    Options {
        shellCommand = List.copyOf(shellCommand);
    }

    /**
     * Reads a command line.
     *
     * @param home the distribution
     * @throws UsageException if it is not one of ours
     */
    static Options parse(List<String> arguments, Surroundings surroundings, Path home) throws UsageException {
        Map<Place, String> places = new EnumMap<>(Place.class);
        Command command = Command.RUN;
        boolean safeMode = false;
        Optional<Boolean> shell = Optional.empty();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (command == Command.SHELL && !argument.startsWith("--")) {
                words.addAll(arguments.subList(i, arguments.size()));
                break;
            }
            switch (argument) {
                case "--help", "-h" -> command = Command.HELP;
                case "--version" -> command = Command.VERSION;
                case "--lock" -> command = Command.LOCK;
                case "--safe-mode" -> safeMode = true;
                case "--shell" -> shell = Optional.of(true);
                case "--no-shell" -> shell = Optional.of(false);
                case "shell" -> command = Command.SHELL;
                default -> {
                    int equals = argument.indexOf('=');
                    String name = equals < 0 ? argument : argument.substring(0, equals);
                    Place place = place(name);
                    if (equals < 0) {
                        i++;
                        if (i == arguments.size()) {
                            throw new UsageException("option " + name + " needs a value");
                        }
                    }
                    places.put(place, equals < 0 ? arguments.get(i) : argument.substring(equals + 1));
                }
            }
            if (command == Command.HELP || command == Command.VERSION) {
                break;
            }
        }
        surroundings.variable("PLUGIN_MANAGER_SOCKET").ifPresent(path -> places.putIfAbsent(Place.SOCKET, path));
        surroundings.variable("PLUGIN_MANAGER_STATE").ifPresent(path -> places.putIfAbsent(Place.STATE, path));
        return new Options(
                command,
                path(places, Place.SOCKET, DEFAULT_SOCKET),
                path(places, Place.STATE, surroundings.stateDirectory()),
                path(places, Place.PLUGINS, home.resolve("plugins")),
                path(places, Place.BUNDLES, home.resolve("bundles")),
                path(places, Place.CONFIG, home.resolve("config")),
                safeMode,
                shell,
                words);
    }

    /** Where the running daemon's shell listens. */
    Path shellSocket() {
        return runDirectory().resolve("shell.sock");
    }

    /** What lives as long as the process: sockets, and native libraries that were unpacked. */
    Path runDirectory() {
        return state.resolve("run");
    }

    private static Place place(String option) throws UsageException {
        return switch (option) {
            case "--socket" -> Place.SOCKET;
            case "--state" -> Place.STATE;
            case "--plugins" -> Place.PLUGINS;
            case "--bundles" -> Place.BUNDLES;
            case "--config" -> Place.CONFIG;
            default ->
                throw new UsageException((option.startsWith("-") ? "unknown option " : "unknown command ") + option);
        };
    }

    private static Path path(Map<Place, String> places, Place place, Path otherwise) throws UsageException {
        String text = places.get(place);
        if (text == null) {
            return otherwise.toAbsolutePath().normalize();
        }
        if (text.isEmpty()) {
            throw new UsageException("the " + place.name().toLowerCase(java.util.Locale.ROOT) + " path is empty");
        }
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new UsageException("'" + text + "' is no path: " + e.getReason());
        }
    }
}
