package org.circleosd.pluginmanager.sandbox.module;

import org.circleosd.pluginmanager.api.PluginException;

/** Says what an instruction is that is not run here: one of an extension, or none at all. */
final class UnknownInstruction {

    private UnknownInstruction() {}

    static PluginException refuse(ModuleInput in, int place, int opcode) {
        return switch (opcode) {
            case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f -> in.unsupported(place, Feature.EXCEPTIONS);
            case 0x12, 0x13, 0x15 -> in.unsupported(place, Feature.TAIL_CALLS);
            case 0x14, 0xd4, 0xd5, 0xd6 -> in.unsupported(place, Feature.FUNCTION_REFERENCES);
            case 0xd3, 0xfb -> in.unsupported(place, Feature.GARBAGE_COLLECTION);
            case 0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6 -> in.unsupported(place, Feature.STACK_SWITCHING);
            case 0xfd -> in.unsupported(place, Feature.SIMD);
            case 0xfe -> in.unsupported(place, Feature.THREADS);
            default -> in.invalid(place, "there is no instruction 0x" + Integer.toHexString(opcode));
        };
    }

    /** @param second the number behind the byte 0xfc */
    static PluginException refusePrefixed(ModuleInput in, int place, long second) {
        return second >= 0x13 && second <= 0x16
                ? in.unsupported(place, Feature.WIDE_ARITHMETIC)
                : in.invalid(place, "there is no instruction 0xfc 0x" + Long.toHexString(second));
    }
}
