package org.circleosd.pluginmanager.sandbox;

import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.sandbox.extism.ExtismGuest;
import org.circleosd.pluginmanager.sandbox.extism.ExtismPlugin;
import org.circleosd.pluginmanager.sandbox.services.PluginServices;
import org.circleosd.pluginmanager.sandbox.wasi.CallLog;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;
import org.circleosd.pluginmanager.sandbox.wasi.WasiSettings;
import org.jspecify.annotations.Nullable;

/** Makes guests of one plugin, within its limits. Thread-safe. */
final class GuestFactory {

    private final Linkage linkage;
    private final WasiSettings wasiSettings;
    private final PluginServices services;
    private final @Nullable ExtismPlugin extism;
    private final InvocationLimits limits;
    private final PluginLog log;
    private final IdleGuests idleGuests;

    /**
     * Makes a factory.
     *
     * @param wasiSettings what the guests see of the system
     * @param services what the host does for them
     * @param extism what the guests share as an Extism plugin; null if the plugin is none
     * @param idleGuests give way when there is no memory for a new guest
     */
    GuestFactory(
            Linkage linkage,
            WasiSettings wasiSettings,
            PluginServices services,
            @Nullable ExtismPlugin extism,
            InvocationLimits limits,
            PluginLog log,
            IdleGuests idleGuests) {
        this.linkage = linkage;
        this.wasiSettings = wasiSettings;
        this.services = services;
        this.extism = extism;
        this.limits = limits;
        this.log = log;
        this.idleGuests = idleGuests;
    }

    /**
     * Makes a guest, see {@link #makeOnce}. If there is no memory for it, the guests of all plugins that only wait are
     * dropped and it is tried again.
     */
    Guest make() {
        try {
            return makeOnce();
        } catch (PluginException e) {
            if (e.code() == ErrorCode.OUT_OF_MEMORY && idleGuests.release() > 0) {
                return makeOnce();
            }
            throw e;
        }
    }

    /** Makes a guest and initialises it, on the calling thread. */
    private Guest makeOnce() {
        CallLog calls = new CallLog(log, limits.outputBytes());
        Wasi wasi = new Wasi(wasiSettings, calls);
        ExtismGuest kit = extism == null ? null : extism.newGuest(calls);
        HostView host = new HostView(wasi, services.newGuest(), kit);
        boolean made = false;
        try {
            Guest guest = linkage.link(host, limits.memoryBytes());
            checkInitialised(guest, kit);
            made = true;
            return guest;
        } finally {
            host.endCall();
            if (!made) {
                wasi.close();
            }
        }
    }

    private static void checkInitialised(Guest guest, @Nullable ExtismGuest kit) {
        Optional<String> error = kit == null ? Optional.empty() : kit.error();
        if (error.isPresent()) {
            guest.close();
            throw new PluginException(ErrorCode.PLUGIN_ERROR, "while it was initialised: " + error.get());
        }
    }
}
