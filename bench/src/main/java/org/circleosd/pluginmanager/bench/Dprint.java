package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Real plugins of other people: formatters of source text, from npm. */
enum Dprint {
    JSON,
    TOML,
    TYPESCRIPT;

    /** About 48 KiB of either. */
    private static final int RECORDS = 460;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    Path module(Path project) {
        return project.resolve("bench/target/node_modules/@dprint/" + word() + "/plugin.wasm");
    }

    /** Writes a text that is not formatted. */
    Path sample(Path dir) throws IOException {
        StringBuilder text = new StringBuilder(this == JSON ? "[" : "");
        for (int i = 0; i < RECORDS; i++) {
            if (this == JSON) {
                text.append(i == 0 ? "" : ",")
                        .append("{\"id\":%d,\"name\":\"record %d\",\"tags\":[\"alpha\",\"beta\"],"
                                .formatted(i * 7919, i))
                        .append("\"at\":{\"x\":%d,\"y\":-12.5e3,\"seen\":true,\"by\":null}}".formatted(i * i));
            } else {
                text.append("[record.r%d]\nid=%d\nname   =   \"record %d\"\n".formatted(i, i * 7919, i))
                        .append("tags=[\"alpha\",'beta']\nat={x=%d,y=-12.5,seen=true}\n".formatted(i * i));
            }
        }
        text.append(this == JSON ? "]" : "");
        return Files.writeString(dir.resolve("sample." + word()), text);
    }
}
