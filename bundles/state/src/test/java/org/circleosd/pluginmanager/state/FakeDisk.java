package org.circleosd.pluginmanager.state;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A disk in memory whose operations fail on demand, and which loses its power: then what was not made durable is there,
 * or not, or partly, in any order. A write that was lost by a failing force stays lost, though it can still be read, as
 * on Linux. The name of a file is durable when the folder was forced, not before.
 */
final class FakeDisk implements Disk {

    private static final int SECTOR = 512;
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** What happens at an operation that changes something. */
    enum Fault {
        INPUT_OUTPUT("Input/output error"),
        FULL("No space left on device");

        private final String message;

        Fault(String message) {
            this.message = message;
        }
    }

    private final String identity = "fake disk " + COUNT.incrementAndGet();
    private final Map<String, FakeFile> names = new TreeMap<>();
    private final Map<String, FakeFile> durableNames = new TreeMap<>();
    private final List<NameChange> pendingNames = new ArrayList<>();
    private final Random random;

    private int operations;
    private int failsFrom = Integer.MAX_VALUE;
    private int failsUntil = Integer.MAX_VALUE;
    private Fault fault = Fault.INPUT_OUTPUT;

    FakeDisk(long seed) {
        random = new Random(seed);
    }

    /** Has the operations from one to another (exclusive), counted from 1, fail; the first one half-way. */
    synchronized void failAt(int from, int until, Fault how) {
        failsFrom = from;
        failsUntil = until;
        fault = how;
    }

    synchronized void heal() {
        failAt(Integer.MAX_VALUE, Integer.MAX_VALUE, Fault.INPUT_OUTPUT);
    }

    /** Returns how many operations that change something there were. */
    synchronized int operations() {
        return operations;
    }

    /** Returns the disk as it may be found when the power is back. */
    synchronized FakeDisk afterPowerCut(long seed) {
        FakeDisk next = new FakeDisk(seed);
        next.durableNames.putAll(durableNames);
        for (NameChange change : pendingNames) {
            if (next.random.nextBoolean()) {
                change.apply(next.durableNames);
            }
        }
        next.durableNames.replaceAll((name, file) -> file.afterPowerCut(next.random));
        next.names.putAll(next.durableNames);
        return next;
    }

    /** Returns a disk with the same content, all of it durable. */
    synchronized FakeDisk copy() {
        FakeDisk next = new FakeDisk(1);
        names.forEach((name, file) -> next.put(name, file.bytes()));
        return next;
    }

    synchronized byte[] content(String name) {
        return names.get(name).bytes();
    }

    /** Sets the durable content of a file. */
    synchronized void put(String name, byte[] content) {
        FakeFile file = new FakeFile();
        file.visible = content.clone();
        file.durable = content.clone();
        names.put(name, file);
        durableNames.put(name, file);
    }

    synchronized void remove(String name) {
        names.remove(name);
        durableNames.remove(name);
    }

    @Override
    public String identity() {
        return identity;
    }

    @Override
    public void prepare() {}

    @Override
    public Closeable lock() {
        return () -> {};
    }

    @Override
    public synchronized SortedSet<String> names() {
        return new TreeSet<>(names.keySet());
    }

    @Override
    public synchronized DiskFile create(String name) throws IOException {
        operate();
        FakeFile file = new FakeFile();
        change(new NameChange(null, name, file));
        return new OpenFile(file);
    }

    @Override
    public synchronized DiskFile open(String name) throws IOException {
        FakeFile file = names.get(name);
        if (file == null) {
            throw new FileNotFoundException(name);
        }
        return new OpenFile(file);
    }

    @Override
    public synchronized boolean isNamed(DiskFile file, String name) {
        return names.get(name) == ((OpenFile) file).file;
    }

    @Override
    public synchronized void move(String from, String to) throws IOException {
        operate();
        change(new NameChange(from, to, names.get(from)));
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        if (names.containsKey(name)) {
            operate();
            change(new NameChange(name, null, names.get(name)));
        }
    }

    @Override
    public synchronized void force() throws IOException {
        try {
            operate();
            pendingNames.forEach(change -> change.apply(durableNames));
        } finally {
            pendingNames.clear();
        }
    }

    @Override
    public boolean isFull(IOException failure, long bytes) {
        return Fault.FULL.message.equals(failure.getMessage());
    }

    @Override
    public String path(String name) {
        return "/fake/" + name;
    }

    private void change(NameChange change) {
        change.apply(names);
        pendingNames.add(change);
    }

    private void operate() throws IOException {
        operations++;
        if (operations >= failsFrom && operations < failsUntil) {
            throw new IOException(fault.message);
        }
    }

    private record NameChange(String from, String to, FakeFile file) {

        /** Applies it as far as that is possible: a change before it may be lost. */
        void apply(Map<String, FakeFile> names) {
            if (from != null && names.remove(from) != file) {
                return;
            }
            if (to != null) {
                names.put(to, file);
            }
        }
    }

    private static final class FakeFile {

        private byte[] visible = new byte[0];
        private byte[] durable = new byte[0];
        private final List<FileChange> pending = new ArrayList<>();

        byte[] bytes() {
            return visible.clone();
        }

        void change(FileChange change) {
            visible = change.apply(visible);
            pending.add(change);
        }

        void force() {
            for (FileChange change : pending) {
                durable = change.apply(durable);
            }
            pending.clear();
        }

        FakeFile afterPowerCut(Random random) {
            FakeFile next = new FakeFile();
            next.durable = durable;
            for (FileChange change : pending) {
                for (FileChange sector : change.sectors()) {
                    if (random.nextBoolean()) {
                        next.durable = sector.apply(next.durable);
                    }
                }
            }
            next.visible = next.durable.clone();
            return next;
        }
    }

    /** A write, or a truncation where there are no bytes. */
    private record FileChange(long at, byte[] bytes) {

        byte[] apply(byte[] content) {
            if (bytes == null) {
                return Arrays.copyOf(content, (int) at);
            }
            byte[] changed = Arrays.copyOf(content, (int) Math.max(content.length, at + bytes.length));
            System.arraycopy(bytes, 0, changed, (int) at, bytes.length);
            return changed;
        }

        List<FileChange> sectors() {
            if (bytes == null) {
                return List.of(this);
            }
            List<FileChange> sectors = new ArrayList<>();
            for (int from = 0; from < bytes.length; ) {
                int until = (int) Math.min(bytes.length, ((at + from) / SECTOR + 1) * SECTOR - at);
                sectors.add(new FileChange(at + from, Arrays.copyOfRange(bytes, from, until)));
                from = until;
            }
            return sectors;
        }
    }

    private final class OpenFile implements DiskFile {

        private final FakeFile file;

        OpenFile(FakeFile file) {
            this.file = file;
        }

        @Override
        public long size() {
            synchronized (FakeDisk.this) {
                return file.visible.length;
            }
        }

        @Override
        public int read(ByteBuffer target, long at) {
            synchronized (FakeDisk.this) {
                int length = (int) Math.min(target.remaining(), file.visible.length - at);
                if (length <= 0) {
                    return -1;
                }
                target.put(file.visible, (int) at, length);
                return length;
            }
        }

        @Override
        public void write(ByteBuffer content, long at) throws IOException {
            synchronized (FakeDisk.this) {
                byte[] bytes = new byte[content.remaining()];
                content.get(bytes);
                try {
                    operate();
                } catch (IOException e) {
                    if (operations == failsFrom) {
                        file.change(new FileChange(at, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1))));
                    }
                    throw e;
                }
                file.change(new FileChange(at, bytes));
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FakeDisk.this) {
                operate();
                file.change(new FileChange(size, null));
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (FakeDisk.this) {
                try {
                    operate();
                    file.force();
                } finally {
                    file.pending.clear();
                }
            }
        }

        @Override
        public void close() {}
    }
}
