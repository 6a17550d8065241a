// Looks at WASI's files from AssemblyScript: what libraries of C hide is called directly here. Prints "ok", or the
// number of each check that fails and what it found. Build (npm package assemblyscript):
// asc files-as.ts -o files-as.wasm --runtime stub --use abort=files-as/failed -O2 --disable bulk-memory
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(fd: i32, look: i32, path: usize, length: i32, flags: i32, base: i64, inherit: i64, fdflags: i32, at: usize): i32;
@external("wasi_snapshot_preview1", "path_create_directory")
declare function path_create_directory(fd: i32, path: usize, length: i32): i32;
@external("wasi_snapshot_preview1", "path_rename")
declare function path_rename(fd: i32, path: usize, length: i32, newFd: i32, newPath: usize, newLength: i32): i32;
@external("wasi_snapshot_preview1", "path_remove_directory")
declare function path_remove_directory(fd: i32, path: usize, length: i32): i32;
@external("wasi_snapshot_preview1", "path_unlink_file")
declare function path_unlink_file(fd: i32, path: usize, length: i32): i32;
@external("wasi_snapshot_preview1", "path_symlink")
declare function path_symlink(text: usize, textLength: i32, fd: i32, path: usize, length: i32): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32;
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, vectors: usize, count: i32, read: usize): i32;
@external("wasi_snapshot_preview1", "fd_seek")
declare function fd_seek(fd: i32, offset: i64, whence: i32, at: usize): i32;
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(fd: i32): i32;
@external("wasi_snapshot_preview1", "fd_renumber")
declare function fd_renumber(from: i32, to: i32): i32;

const FOLDER = 3;
const ROOM = memory.data(64);
const VECTOR = memory.data(8);
const ANSWER = memory.data(8);
const ALL: i64 = -1;

let checks = 0;
let failures = 0;

function print(text: string): void {
  put(1, text);
}

function put(fd: i32, text: string): i32 {
  const bytes = String.UTF8.encode(text);
  store<u32>(VECTOR, changetype<usize>(bytes) as u32);
  store<u32>(VECTOR + 4, bytes.byteLength);
  return fd_write(fd, VECTOR, 1, ANSWER);
}

function is(found: i64, wanted: i64): void {
  checks++;
  if (found != wanted) {
    failures++;
    print("check " + checks.toString() + ": " + found.toString() + ", not " + wanted.toString() + "\n");
  }
}

function open(path: string, flags: i32, rights: i64, fdflags: i32): i32 {
  const bytes = String.UTF8.encode(path);
  const error = path_open(FOLDER, 0, changetype<usize>(bytes), bytes.byteLength, flags, rights, 0, fdflags, ANSWER);
  return error ? -error : load<i32>(ANSWER);
}

function make(path: string): i32 {
  const bytes = String.UTF8.encode(path);
  return path_create_directory(FOLDER, changetype<usize>(bytes), bytes.byteLength);
}

function remove(path: string): i32 {
  const bytes = String.UTF8.encode(path);
  return path_remove_directory(FOLDER, changetype<usize>(bytes), bytes.byteLength);
}

function unlink(path: string): i32 {
  const bytes = String.UTF8.encode(path);
  return path_unlink_file(FOLDER, changetype<usize>(bytes), bytes.byteLength);
}

function rename(from: string, to: string): i32 {
  const one = String.UTF8.encode(from);
  const two = String.UTF8.encode(to);
  return path_rename(FOLDER, changetype<usize>(one), one.byteLength, FOLDER, changetype<usize>(two), two.byteLength);
}

function seek(fd: i32, offset: i64, whence: i32): i64 {
  const error = fd_seek(fd, offset, whence, ANSWER);
  return error ? -error : load<i64>(ANSWER);
}

function read(fd: i32): i32 {
  store<u32>(VECTOR, ROOM as u32);
  store<u32>(VECTOR + 4, 64);
  const error = fd_read(fd, VECTOR, 1, ANSWER);
  return error ? -error : load<i32>(ANSWER);
}

export function failed(message: usize, file: usize, line: u32, column: u32): void {
  unreachable();
}

export function _start(): void {
  // Paths that no C library would pass on: empty, with a NUL inside, not UTF-8, outside of the memory.
  is(open("", 0, 0, 0), -44);
  is(open("a\0b", 1, 0, 0), -28);
  store<u8>(ROOM, 0xff);
  is(path_open(FOLDER, 0, ROOM, 1, 0, 0, 0, 0, ANSWER), 25);
  is(path_open(FOLDER, 0, 0xfffffff0, 100, 1, 0, 0, 0, ANSWER), 21);
  is(path_open(FOLDER, 0, ROOM, 1, 1, 0, 0, 0, 0xfffffffe), 21);
  is(path_open(FOLDER, 0, ROOM, 5000, 1, 0, 0, 0, ANSWER), 37);
  // Append.
  const fd = open("log", 1, ALL, 1);
  is(put(fd, "one"), 0);
  is(seek(fd, 0, 0), 0);
  is(put(fd, "two"), 0);
  is(seek(fd, 0, 0), 0);
  is(read(fd), 6);
  is(load<u8>(ROOM + 3), 0x74);
  is(seek(fd, 6 << 30, 0), 6 << 30);
  is(read(fd), 0);
  is(seek(fd, -1, 0), -28);
  // Names with slashes at their ends.
  is(make("dir/"), 0);
  is(rename("dir/", "moved/"), 0);
  is(rename("log", "moved/"), 54);
  is(rename("log/", "other"), 54);
  is(unlink("moved/"), 31);
  is(unlink("log/"), 54);
  is(remove("log/"), 54);
  is(remove("moved/"), 0);
  // Numbers.
  is(fd_renumber(fd, 60), 8);
  is(fd_renumber(fd, 0), 0);
  is(read(fd), -8);
  is(fd_close(0), 0);
  is(unlink("log"), 0);
  if (failures == 0) {
    print("ok\n");
  }
}
