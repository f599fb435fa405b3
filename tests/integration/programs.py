# SPDX-License-Identifier: Apache-2.0
"""What Python programs do with files, processes and threads, in one run."""

import ctypes
import concurrent.futures
import fcntl
import glob
import hashlib
import mmap
import multiprocessing
import os
import pathlib
import pty
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import zipfile


def square(n):
    return n * n


def part(function):
    try:
        result = function()
    except Exception as error:  # compared with a run without us
        result = f"{type(error).__name__}: {error}"
    print(f"{function.__name__}: {result}", flush=True)


def pool():
    with multiprocessing.Pool(2) as workers:
        return workers.map(square, range(10))


def spawned():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=fill, args=(queue, 7))
    process.start()
    value = queue.get(timeout=20)
    process.join()
    return value, process.exitcode


def fill(queue, value):
    queue.put(value)


def shared():
    lock = multiprocessing.Lock()
    value = multiprocessing.Value("i", 0)
    processes = [
        multiprocessing.Process(target=count, args=(lock, value))
        for _ in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return value.value


def count(lock, value):
    for _ in range(100):
        with lock:
            value.value += 1


def piped():
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=theirs.send, args=({"a": 1},))
    process.start()
    value = ours.recv()
    process.join()
    return value


def fork_server():
    context = multiprocessing.get_context("forkserver")
    with context.Pool(2) as workers:
        return workers.map(square, range(4))


def spawned_pool():
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        return workers.map(square, range(4))


def managed():
    with multiprocessing.Manager() as manager:
        shared_list = manager.list([1, 2])
        process = multiprocessing.Process(target=shared_list.append, args=(3,))
        process.start()
        process.join()
        return list(shared_list)


def mapped_twice():
    """Two processes, one file: what the one writes the other sees."""
    with open("mapped-twice", "w+b") as file:
        file.truncate(4096)
        ours, theirs = multiprocessing.Pipe()
        child = os.fork()
        if child == 0:
            again = os.open("mapped-twice", os.O_RDWR)
            with mmap.mmap(again, 4096) as area:
                area[0:5] = b"child"
                theirs.send("written")
                theirs.recv()
                os._exit(area[10:16] != b"parent")
        with mmap.mmap(file.fileno(), 4096) as area:
            ours.recv()
            seen = area[0:5]
            area[10:16] = b"parent"
            ours.send("written")
            return seen, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def busy():
    base = sqlite3.connect("busy.db", isolation_level=None)
    base.execute("create table t (n)")
    base.execute("begin exclusive")
    code = ("import sqlite3\n"
            "try: sqlite3.connect('busy.db', timeout=0).execute('select * from t')\n"
            "except sqlite3.OperationalError as error: print(error)")
    text = subprocess.check_output([sys.executable, "-c", code])
    base.execute("commit")
    base.close()
    os.unlink("busy.db")
    return text


def executors():
    with concurrent.futures.ProcessPoolExecutor(2) as executor:
        processes = sum(executor.map(square, range(5)))
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        threads = sum(executor.map(square, range(5)))
    return processes, threads


def shared_memory():
    from multiprocessing import shared_memory as memory

    block = memory.SharedMemory(create=True, size=100)
    block.buf[:3] = b"abc"
    again = memory.SharedMemory(name=block.name)
    value = bytes(again.buf[:3])
    again.close()
    block.close()
    block.unlink()
    return value


def database():
    base = sqlite3.connect("base.db", timeout=10)
    mode = base.execute("pragma journal_mode=wal").fetchone()
    base.execute("create table t (n integer primary key, text)")
    base.executemany("insert into t (text) values (?)", [("a",), ("b",)])
    base.commit()
    other = sqlite3.connect("base.db")
    rows = other.execute("select * from t").fetchall()
    base.execute("delete from t where n = 1")
    base.rollback()
    base.execute("pragma wal_checkpoint(truncate)")
    other.close()
    base.close()
    plain = sqlite3.connect("plain.db", isolation_level=None)
    plain.execute("create table t (x)")
    plain.execute("begin immediate")
    plain.execute("insert into t values (1)")
    plain.execute("commit")
    plain.execute("vacuum")
    plain.close()
    uri = pathlib.Path("plain.db").resolve().as_uri() + "?mode=ro"
    count = sqlite3.connect(uri, uri=True).execute("select count(*) from t")
    return mode, rows, count.fetchone(), sorted(glob.glob("*.db*"))


def temporary():
    with tempfile.TemporaryFile() as file:
        file.write(b"unnamed")
        file.seek(0)
        unnamed = file.read()
        links = os.fstat(file.fileno()).st_nlink
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        named = os.path.exists(file.name), oct(os.stat(file.name).st_mode)
    with tempfile.TemporaryDirectory() as name:
        pathlib.Path(name, "x").write_text("x")
        inside = os.listdir(name)
    with tempfile.SpooledTemporaryFile(max_size=2) as file:
        file.write(b"rolled over")
    left = [name for name in os.listdir(tempfile.gettempdir())
            if not name.startswith("pymp-")]  # of multiprocessing
    return unnamed, links, named, inside, left


def processes():
    done = subprocess.run(["tr", "a-z", "A-Z"], input=b"text",
                          capture_output=True, check=True)
    shell = subprocess.run("echo $((6 * 7)); exit 4", shell=True,
                           capture_output=True)
    elsewhere = subprocess.check_output(["pwd"], cwd="data", text=True)
    first = subprocess.Popen(["seq", "10"], stdout=subprocess.PIPE)
    second = subprocess.check_output(["wc", "-l"], stdin=first.stdout)
    first.stdout.close()
    first.wait()
    try:
        subprocess.run(["sleep", "9"], timeout=0.1)
    except subprocess.TimeoutExpired:
        late = True
    try:
        subprocess.run(["./nothing"])
    except OSError as error:
        missing = error.errno
    pid = os.posix_spawn("/bin/true", ["true"], {})
    status = os.waitpid(pid, 0)[1]
    kept = subprocess.check_output(["cat", "/proc/self/fd/0"],
                                   stdin=open("data/file"))
    return (done.stdout, shell, os.path.basename(elsewhere), second, late,
            missing, status, kept, os.system("exit 3"),
            os.popen("echo open").read())


def sockets():
    left, right = socket.socketpair()
    left.sendall(b"pair")
    data = right.recv(10)
    file = os.open("data/file", os.O_RDONLY)
    socket.send_fds(left, [b"x"], [file])
    _, passed, _, _ = socket.recv_fds(right, 10, 1)
    return data, os.read(passed[0], 7)


def locks():
    with open("locked", "w+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        child = os.fork()
        if child == 0:
            try:
                with open("locked", "r+") as again:
                    fcntl.lockf(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os._exit(0)
            except OSError as error:
                os._exit(error.errno)
        held = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with open("locked", "r+") as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                flocked = None
            except OSError as error:
                flocked = error.errno
    return held, flocked


def mapped():
    with open("mapped", "w+b") as file:
        file.truncate(8192)
        with mmap.mmap(file.fileno(), 8192) as area:
            area[4096:4100] = b"page"
            area.flush()
        os.posix_fallocate(file.fileno(), 0, 16384)
        file.seek(4096)
        return file.read(4), os.path.getsize("mapped")


def paths():
    os.makedirs("deep/a/b", exist_ok=True)
    pathlib.Path("deep/a/b/f").write_text("text\n", encoding="utf-8")
    pathlib.Path("deep/größe").write_bytes(b"\xff")
    shutil.copytree("deep", "copy", symlinks=True)
    shutil.move("copy/a", "copy/z")
    os.symlink("z/b", "copy/link")
    os.replace("copy/größe", "copy/g")
    descriptor = os.open("copy", os.O_RDONLY | os.O_DIRECTORY)
    with open(os.open("made", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor),
              "w", encoding="utf-8") as file:
        file.write("by descriptor")
    os.mkdir("inner", dir_fd=descriptor)
    os.rename("inner", "outer", src_dir_fd=descriptor,
              dst_dir_fd=descriptor)
    names = sorted(os.listdir(descriptor))
    os.close(descriptor)
    walked = sorted((os.path.relpath(r), sorted(d), sorted(f))
                    for r, d, f in os.walk("deep", followlinks=True))
    entries = sorted((e.name, e.is_symlink(), e.is_dir())
                     for e in os.scandir("copy"))
    archive = shutil.make_archive("packed", "zip", "deep")
    inside = sorted(zipfile.ZipFile(archive).namelist())
    os.unlink(archive)
    shutil.rmtree("deep")
    real = os.path.relpath(pathlib.Path("copy/link/f").resolve())
    return names, walked, entries, inside, real, os.path.exists("deep")


def attributes():
    path = pathlib.Path("attributes")
    path.touch(mode=0o600)
    os.chmod(path, 0o4755)
    os.utime(path, (1, 2))
    os.chown(path, os.getuid(), os.getgid())
    try:
        os.setxattr(path, "user.name", b"value")
        value = os.getxattr(path, "user.name"), os.listxattr(path)
        os.removexattr(path, "user.name")
    except OSError as error:
        value = error.errno
    state = path.stat()
    umask = os.umask(0o77)
    pathlib.Path("private").touch()
    os.mkdir("closed-dir")
    os.umask(umask)
    return (value, oct(state.st_mode), state.st_mtime,
            oct(os.stat("private").st_mode), oct(os.stat("closed-dir").st_mode),
            os.access("private", os.R_OK | os.W_OK), os.statvfs(".").f_namemax)


def threads():
    results = []

    def work(number):
        for i in range(30):
            name = f"thread-{number}-{i}"
            pathlib.Path(name).write_text(name)
            results.append(pathlib.Path(name).read_text() == name)
            os.unlink(name)

    workers = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(results), all(results)


def hashing():
    with open(sys.executable, "rb") as file:
        return len(hashlib.file_digest(file, "sha256").hexdigest())


def libraries():
    return ctypes.CDLL("libc.so.6").abs(-3), ctypes.CDLL("libm.so.6") is None


def terminal():
    master, slave = pty.openpty()
    os.write(slave, b"line\n")
    return os.read(master, 20), os.isatty(slave)


def own():
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    name = os.path.basename(os.readlink("/proc/self/exe"))
    first, second = os.pipe()
    os.write(second, b"by number")
    again = os.open(f"/dev/fd/{first}", os.O_RDONLY)
    return ("Name:" in status, name.startswith("python"),
            os.readlink("/proc/self") == str(os.getpid()), os.read(again, 20),
            os.path.samefile("/proc/self/cwd", "."),
            len(os.listdir("/proc/self/fd")) > 3)


def errors():
    result = []
    for function, arguments in (
            (os.mkdir, ("data",)), (os.rmdir, ("data",)),
            (os.unlink, ("data",)), (open, ("data",)),
            (os.listdir, ("data/file",)), (os.rename, ("data", "data/sub/x")),
            (os.link, ("data", "hard")), (open, ("a" * 300,)),
            (open, ("data/file/x",)), (os.readlink, ("data/file",)),
            (os.symlink, ("x", "data")), (os.chdir, ("data/file",)),
            (os.truncate, ("nothing", 0)), (os.stat, ("data/dangling",)),
            (open, ("data/loop",)), (os.chmod, ("nothing", 0))):
        try:
            function(*arguments)
            result.append("done")
        except OSError as error:
            result.append(str(error))
    return result


if __name__ == "__main__":
    for piece in (pool, spawned, shared, piped, fork_server, spawned_pool,
                  managed, mapped_twice, busy, executors, shared_memory,
                  database, temporary, processes, sockets, locks, mapped,
                  paths, attributes, threads, hashing, libraries, terminal,
                  own, errors):
        part(piece)
