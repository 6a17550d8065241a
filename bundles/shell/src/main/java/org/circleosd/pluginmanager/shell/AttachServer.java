package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.threadio.ThreadIO;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Lets {@code plugin-manager shell} attach to this daemon over a socket of its own. */
@Component(
        service = {},
        immediate = true,
        configurationPid = Config.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class AttachServer {

    private static final System.Logger LOG = System.getLogger(AttachServer.class.getName());

    /** How long sessions without a running command get to say goodbye. */
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    private final BundleContext context;
    private final GogoShells shells;
    private final GogoCommands commands;
    private final BundleOperations operations = new BundleOperations();
    private final NamedThreads threads = new NamedThreads("shell", NamedThreads.GUEST_STACK);
    private final Set<AttachedClient> clients = ConcurrentHashMap.newKeySet();
    private final ListeningSocket socket;
    private final int maxSessions;
    private final Duration drain;

    /**
     * Listens.
     *
     * @param plugins not used, but there must be commands before there can be sessions, and sessions end before them
     */
    @Activate
    public AttachServer(
            BundleContext context,
            Config config,
            @Reference CommandProcessor processor,
            @Reference ThreadIO threadIo,
            @Reference PluginCommands plugins)
            throws IOException {
        this.context = context;
        maxSessions = config.max_sessions();
        drain = Duration.ofMillis(config.drain_ms());
        Path home = context.getDataFile("").toPath();
        GogoShells.unpackProfile(home);
        shells = new GogoShells(
                processor,
                threadIo,
                home,
                Path.of(config.history()),
                "CircleOSD Plugin Manager " + context.getBundle().getVersion()
                        + "\nhelp lists the commands, TAB completes, exit or Ctrl-D leaves\n",
                new Completions(
                        context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getBundleContext()::getBundles));
        shells.protectHistory();
        socket = ListeningSocket.open(Path.of(config.path()));
        context.addBundleListener(operations);
        commands = new GogoCommands(context, processor, shells.newShell());
        threads.newThread(this::accept).start();
    }

    @Deactivate
    void close() throws IOException, InterruptedException {
        socket.close();
        List<AttachedClient> all = List.copyOf(clients);
        // A session that runs a command may be the very one that replaces this bundle: it is not waited for.
        boolean replaced = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() != Bundle.STOPPING;
        List<AttachedClient> idle =
                all.stream().filter(client -> client.leave(replaced)).toList();
        awaitAll(idle, GOODBYE);
        idle.forEach(AttachedClient::close);
        List<AttachedClient> running =
                all.stream().filter(client -> !idle.contains(client)).toList();
        if (!running.isEmpty()) {
            threads.newThread(() -> closeAfter(running)).start();
        }
        commands.close();
        context.removeBundleListener(operations);
    }

    private void accept() {
        while (socket.isOpen()) {
            try {
                welcome(socket.accept());
            } catch (AsynchronousCloseException e) {
                return;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "a client of the shell did not get in: {0}", e.getMessage());
            }
        }
    }

    private void welcome(SocketChannel channel) throws IOException {
        AttachedClient client = new AttachedClient(new Connection(channel), this::open, threads);
        if (!socket.isWelcome(channel)) {
            LOG.log(System.Logger.Level.WARNING, "refused a shell to another user");
            channel.close();
            return;
        }
        clients.add(client);
        threads.newThread(() -> {
                    try {
                        client.serve();
                    } finally {
                        clients.remove(client);
                    }
                })
                .start();
    }

    private Session open(Hello hello, Outbox outbox) throws IOException, CommandFailure {
        if (clients.size() > maxSessions) {
            throw new CommandFailure("there are " + maxSessions + " shells attached already, no more are allowed "
                    + "(max.sessions); leave one");
        }
        return hello.terminal()
                ? new TerminalMode(shells, operations, outbox, hello)
                : new CommandMode(shells.processor(), operations, outbox, hello);
    }

    private void closeAfter(List<AttachedClient> running) {
        try {
            awaitAll(running, drain);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.forEach(AttachedClient::close);
    }

    private static void awaitAll(List<AttachedClient> ending, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (AttachedClient client : ending) {
            client.awaitEnd(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }
}
