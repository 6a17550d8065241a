package org.circleosd.pluginmanager.bench.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** SQLite with a write-ahead log that is forced to disk at each commit, over one connection. */
public final class SqliteTask implements DurableStore {

    private final Connection connection;
    private final PreparedStatement put;

    public SqliteTask(Path folder) throws IOException {
        try {
            connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
            try (Statement setting = connection.createStatement()) {
                setting.execute("pragma journal_mode=WAL");
                setting.execute("pragma synchronous=FULL");
                setting.execute("create table if not exists records(key text primary key, value blob) without rowid");
            }
            connection.setAutoCommit(false);
            put = connection.prepareStatement("insert or replace into records values(?, ?)");
        } catch (SQLException e) {
            throw new IOException("SQLite cannot be opened in " + folder, e);
        }
    }

    @Override
    public synchronized void put(Map<String, byte[]> records) {
        try {
            for (Map.Entry<String, byte[]> record : records.entrySet()) {
                put.setString(1, record.getKey());
                put.setBytes(2, record.getValue());
                put.executeUpdate();
            }
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException("SQLite did not commit", e);
        }
    }

    @Override
    public synchronized long count() {
        try (Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery("select value from records")) {
            long count = 0;
            while (rows.next()) {
                count += rows.getBytes(1).length > 0 ? 1 : 0;
            }
            return count;
        } catch (SQLException e) {
            throw new IllegalStateException("SQLite did not answer", e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException("SQLite was not closed", e);
        }
    }
}
