/*
 * A library to preload into the systems that are measured (LD_PRELOAD, Linux with glibc). It counts
 * the calls that make data durable, in a file of 64-bit words that all processes of a system share:
 *
 * ABIDE_BENCH_SYNCS   the file
 *
 * Calls that a program makes without its C library go unseen, and so do those of io_uring.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* The words of the file. */
enum { FSYNC, FDATASYNC, RANGE, MSYNC, SYNCED_WRITE, WORDS };

/* Files beyond this number are not known to be opened for synchronous writes. */
enum { FILES = 65536 };

static _Atomic uint64_t *words;
static _Atomic unsigned char synchronous[FILES];

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("ABIDE_BENCH_SYNCS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *map = mmap(NULL, WORDS * sizeof *words, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map != MAP_FAILED) words = map;
    close(file);
}

static void count(int word) {
    if (words) atomic_fetch_add_explicit(&words[word], 1, memory_order_relaxed);
}

#define NEXT(type, name, ...)                                        \
    static type (*next)(__VA_ARGS__);                                \
    if (!next) next = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

int fsync(int file) {
    NEXT(int, fsync, int);
    count(FSYNC);
    return next(file);
}

int fdatasync(int file) {
    NEXT(int, fdatasync, int);
    count(FDATASYNC);
    return next(file);
}

int syncfs(int file) {
    NEXT(int, syncfs, int);
    count(FSYNC);
    return next(file);
}

int sync_file_range(int file, off64_t from, off64_t length, unsigned flags) {
    NEXT(int, sync_file_range, int, off64_t, off64_t, unsigned);
    count(RANGE);
    return next(file, from, length, flags);
}

int msync(void *from, size_t length, int flags) {
    NEXT(int, msync, void *, size_t, int);
    if (flags & MS_SYNC) count(MSYNC);
    return next(from, length, flags);
}

/* What is opened for synchronous writes. */

static int opened(int file, int flags) {
    if (file >= 0 && file < FILES) {
        unsigned char is = (flags & (O_DSYNC | O_SYNC)) != 0;
        if (synchronous[file] != is) synchronous[file] = is;
    }
    return file;
}

static mode_t mode_of(int flags, va_list rest) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...) {         \
        NEXT(int, name, const char *, int, ...);         \
        va_list rest;                                    \
        va_start(rest, flags);                           \
        mode_t mode = mode_of(flags, rest);              \
        va_end(rest);                                    \
        return opened(next(path, flags, mode), flags);   \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                              \
    int name(int directory, const char *path, int flags, ...) {   \
        NEXT(int, name, int, const char *, int, ...);             \
        va_list rest;                                             \
        va_start(rest, flags);                                    \
        mode_t mode = mode_of(flags, rest);                       \
        va_end(rest);                                             \
        return opened(next(directory, path, flags, mode), flags); \
    }
OPENAT(openat)
OPENAT(openat64)

static int copied(int from, int to) {
    int is = from >= 0 && from < FILES && synchronous[from];
    return opened(to, is ? O_DSYNC : 0);
}

int dup(int file) {
    NEXT(int, dup, int);
    return copied(file, next(file));
}

int dup2(int file, int to) {
    NEXT(int, dup2, int, int);
    return copied(file, next(file, to));
}

int dup3(int file, int to, int flags) {
    NEXT(int, dup3, int, int, int);
    return copied(file, next(file, to, flags));
}

int close(int file) {
    NEXT(int, close, int);
    if (file >= 0 && file < FILES && synchronous[file]) synchronous[file] = 0;
    return next(file);
}

static void written(int file) {
    if (file >= 0 && file < FILES && synchronous[file]) count(SYNCED_WRITE);
}

ssize_t write(int file, const void *bytes, size_t length) {
    NEXT(ssize_t, write, int, const void *, size_t);
    written(file);
    return next(file, bytes, length);
}

#define PWRITE(name)                                                              \
    ssize_t name(int file, const void *bytes, size_t length, off64_t at) {        \
        NEXT(ssize_t, name, int, const void *, size_t, off64_t);                  \
        written(file);                                                            \
        return next(file, bytes, length, at);                                     \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t writev(int file, const struct iovec *parts, int count_of_parts) {
    NEXT(ssize_t, writev, int, const struct iovec *, int);
    written(file);
    return next(file, parts, count_of_parts);
}

#define PWRITEV(name)                                                             \
    ssize_t name(int file, const struct iovec *parts, int number, off64_t at) {   \
        NEXT(ssize_t, name, int, const struct iovec *, int, off64_t);             \
        written(file);                                                            \
        return next(file, parts, number, at);                                     \
    }
PWRITEV(pwritev)
PWRITEV(pwritev64)
