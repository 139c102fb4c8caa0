/*
 * A library to preload into a program under trial (LD_PRELOAD, Linux with glibc). It records what
 * the program writes below one directory, makes chosen calls fail, and moves its clock.
 *
 * ABIDE_SHIM_CONTROL  a file of 64-bit words that is mapped and may change at any time (below)
 * ABIDE_SHIM_UNDER    the directory, as realpath(3) gives it
 * ABIDE_SHIM_LOG      where to record; unset: nothing is recorded
 * ABIDE_SHIM_MARKS    a file whose writes are recorded as marks: how a program says "acknowledged"
 *
 * One mutex is held through every call on a watched file and its record, so the order of the
 * records is the order of the calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The words of the control file. */
enum {
    CLOCK_MS,   /* added to the time of day */
    ERROR,      /* the errno of calls that fail; 0: none does */
    CALLS,      /* a set of the bits below: which calls may fail */
    SKIP,       /* how many of them succeed first; counts down */
    TIMES,      /* how many fail then; counts down */
    FAILED,     /* how many have failed so far */
    SEEN,       /* how many of the calls in CALLS there were so far */
    SHORT,      /* not 0: the first write that fails writes half of its bytes before */
    SYNC_US,    /* how much longer a sync takes, in microseconds */
    WORDS = 64
};
enum { CALL_WRITE = 1, CALL_SYNC = 2, CALL_CREATE = 4, CALL_NAME = 8, CALL_SIZE = 16 };

/* The kinds of records. */
enum {
    OPEN = 1, CREATE = 2, WRITE = 3, TRUNCATE = 4, SYNC = 5, SYNC_DATA = 6, SYNC_DIRECTORY = 7,
    RENAME = 8, UNLINK = 9, MKDIR = 10, RMDIR = 11, MARK = 12, LINK = 13, UNKNOWN = 14, SYNC_FAILED = 15,
};

struct record {
    uint32_t kind;
    uint32_t path;   /* the length of the path that follows */
    uint64_t file;   /* the number of the inode */
    uint64_t offset; /* of a write; the new length of a truncation */
    uint64_t data;   /* the length of the data that follow the path */
};

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static _Atomic int64_t nothing[WORDS];
static _Atomic int64_t *control = nothing;
static char under[PATH_MAX];
static size_t under_length;
static char marks[PATH_MAX];
static int log_fd = -1;

/* What a descriptor is; looked up when it is first used. */
enum { UNSEEN = 0, FOREIGN = 1, WATCHED = 2, MARKS = 3, DIRECTORY = 4 };
#define DESCRIPTORS 65536
static _Atomic unsigned char class_of[DESCRIPTORS];

static long raw_write(int fd, const struct iovec *parts, int count) {
    return syscall(SYS_writev, fd, parts, count);
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("ABIDE_SHIM_CONTROL");
    if (path) {
        int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
        if (fd >= 0) {
            void *words = mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (words != MAP_FAILED) control = words;
            syscall(SYS_close, fd);
        }
    }
    const char *directory = getenv("ABIDE_SHIM_UNDER");
    if (directory) {
        snprintf(under, sizeof under, "%s", directory);
        under_length = strlen(under);
    }
    const char *marks_path = getenv("ABIDE_SHIM_MARKS");
    if (marks_path) snprintf(marks, sizeof marks, "%s", marks_path);
    const char *log = getenv("ABIDE_SHIM_LOG");
    if (log) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_under(const char *path) {
    return under_length && strncmp(path, under, under_length) == 0 &&
           (path[under_length] == '/' || path[under_length] == 0);
}

/* Writes to the log go straight to the kernel: they are not calls of the program. */
static void put(uint32_t kind, const char *path, uint64_t file, uint64_t offset,
                const struct iovec *data, int parts, uint64_t length) {
    if (log_fd < 0) return;
    struct record record = {kind, path ? strlen(path) : 0, file, offset, length};
    struct iovec head[2] = {{&record, sizeof record}, {(void *)path, record.path}};
    if (raw_write(log_fd, head, 2) < 0) abort();
    for (int i = 0; i < parts && length > 0; i++) {
        struct iovec part = data[i];
        if (part.iov_len > length) part.iov_len = length;
        length -= part.iov_len;
        while (part.iov_len > 0) {
            long written = raw_write(log_fd, &part, 1);
            if (written < 0) abort();
            part.iov_base = (char *)part.iov_base + written;
            part.iov_len -= written;
        }
    }
}

static void path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
}

/* The absolute form of a path; the program under trial uses no "..". */
static void absolute(int directory, const char *path, char *out) {
    if (path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
        return;
    }
    char base[PATH_MAX];
    if (directory == AT_FDCWD) {
        if (syscall(SYS_getcwd, base, sizeof base) < 0) base[0] = 0;
    } else {
        path_of(directory, base);
    }
    if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) out[0] = 0;
}

static int classify(int fd) {
    if (fd < 0 || fd >= DESCRIPTORS) return FOREIGN;
    int known = class_of[fd];
    if (known != UNSEEN) return known;
    struct stat stat;
    char path[PATH_MAX];
    known = FOREIGN;
    int saved = errno;
    if (fstat(fd, &stat) == 0 && (S_ISREG(stat.st_mode) || S_ISDIR(stat.st_mode))) {
        path_of(fd, path);
        if (is_under(path)) known = S_ISDIR(stat.st_mode) ? DIRECTORY : WATCHED;
        else if (marks[0] && strcmp(path, marks) == 0) known = MARKS;
    }
    errno = saved;
    class_of[fd] = known;
    return known;
}

static void forget(int fd) {
    if (fd >= 0 && fd < DESCRIPTORS) class_of[fd] = UNSEEN;
}

/* Whether this call is to fail; sets errno then. The mutex is held. */
static int fails(int call) {
    if (!control[ERROR] || !(control[CALLS] & call)) return 0;
    control[SEEN]++;
    if (control[SKIP] > 0) {
        control[SKIP]--;
        return 0;
    }
    if (control[TIMES] <= 0) return 0;
    control[TIMES]--;
    control[FAILED]++;
    errno = control[ERROR];
    return 1;
}

static uint64_t inode(int fd) {
    struct stat stat;
    return fstat(fd, &stat) == 0 ? stat.st_ino : 0;
}

static int open_at(int directory, const char *path, int flags, mode_t mode) {
    char full[PATH_MAX];
    absolute(directory, path, full);
    if (!is_under(full)) {
        int fd = syscall(SYS_openat, directory, path, flags, mode);
        forget(fd);
        return fd;
    }
    pthread_mutex_lock(&mutex);
    struct stat before;
    int existed = syscall(SYS_newfstatat, AT_FDCWD, full, &before, 0) == 0;
    int fd = -1;
    if (existed || !(flags & O_CREAT) || !fails(CALL_CREATE)) {
        fd = syscall(SYS_openat, directory, path, flags, mode);
        forget(fd);
    }
    if (fd >= 0 && classify(fd) == WATCHED) {
        if (!existed) put(CREATE, full, inode(fd), 0, NULL, 0, 0);
        else put(OPEN, full, inode(fd), 0, NULL, 0, 0);
        if (existed && (flags & O_TRUNC)) put(TRUNCATE, NULL, inode(fd), 0, NULL, 0, 0);
    }
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return fd;
}

#define MODE(flags) ({ \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); } \
    mode; })

int open(const char *path, int flags, ...) { return open_at(AT_FDCWD, path, flags, MODE(flags)); }
int open64(const char *path, int flags, ...) { return open_at(AT_FDCWD, path, flags | O_LARGEFILE, MODE(flags)); }
int openat(int at, const char *path, int flags, ...) { return open_at(at, path, flags, MODE(flags)); }
int openat64(int at, const char *path, int flags, ...) { return open_at(at, path, flags | O_LARGEFILE, MODE(flags)); }
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
    forget(fd);
    return syscall(SYS_close, fd);
}

/* A write at an offset, or at the descriptor's place when that is negative. */
static ssize_t write_at(int fd, const struct iovec *parts, int count, off_t offset) {
    int class = classify(fd);
    if (class != WATCHED && class != MARKS) {
        if (offset < 0) return raw_write(fd, parts, count);
        return syscall(SYS_pwritev, fd, parts, count, offset, 0);
    }
    pthread_mutex_lock(&mutex);
    struct stat stat = {0};
    off_t at = offset;
    if (offset < 0) {
        fstat(fd, &stat);
        at = fcntl(fd, F_GETFL) & O_APPEND ? stat.st_size : syscall(SYS_lseek, fd, 0, SEEK_CUR);
    }
    ssize_t written = -1;
    struct iovec half;
    int fail = class == WATCHED && fails(CALL_WRITE);
    if (fail && control[SHORT] && count > 0 && parts[0].iov_len > 1) {
        control[SHORT] = 0;
        control[TIMES]++;
        control[FAILED]--;
        half = parts[0];
        half.iov_len /= 2;
        parts = &half;
        count = 1;
        fail = 0;
    }
    if (!fail) {
        written = offset < 0 ? raw_write(fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, offset, 0);
        if (written > 0) put(class == MARKS ? MARK : WRITE, NULL, inode(fd), at, parts, count, written);
    }
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return written;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    struct iovec part = {(void *)bytes, length};
    if (classify(fd) == FOREIGN) return syscall(SYS_write, fd, bytes, length);
    return write_at(fd, &part, 1, -1);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    struct iovec part = {(void *)bytes, length};
    return write_at(fd, &part, 1, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_at(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return write_at(fd, parts, count, offset); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) { return write_at(fd, parts, count, offset); }

/* Copies within the kernel are refused, so that the program falls back to reads and writes. */
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t length, unsigned flags) {
    if (classify(out) == WATCHED) { errno = ENOSYS; return -1; }
    return syscall(SYS_copy_file_range, in, from, out, to, length, flags);
}
ssize_t sendfile(int out, int in, off_t *offset, size_t length) {
    if (classify(out) == WATCHED) { errno = ENOSYS; return -1; }
    return syscall(SYS_sendfile, out, in, offset, length);
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t length) { return sendfile(out, in, offset, length); }

/* Writes through memory cannot be seen. Whoever reads the log has to give up. */
void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset) {
    if ((flags & MAP_SHARED) && (protection & PROT_WRITE) && classify(fd) == WATCHED)
        put(UNKNOWN, "mmap", 0, 0, NULL, 0, 0);
    return (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}

int ftruncate(int fd, off_t length) {
    if (classify(fd) != WATCHED) return syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&mutex);
    int result = fails(CALL_SIZE) ? -1 : syscall(SYS_ftruncate, fd, length);
    if (result == 0) put(TRUNCATE, NULL, inode(fd), length, NULL, 0, 0);
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return result;
}
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
    if (classify(fd) == WATCHED) put(UNKNOWN, "fallocate", 0, 0, NULL, 0, 0);
    return syscall(SYS_fallocate, fd, mode, offset, length);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) { return fallocate(fd, 0, offset, length) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

static int sync_file(int fd, int call, uint32_t kind) {
    int class = classify(fd);
    if (class != WATCHED && class != DIRECTORY) return syscall(call, fd);
    if (control[SYNC_US] > 0) usleep(control[SYNC_US]);
    pthread_mutex_lock(&mutex);
    int failed = fails(CALL_SYNC);
    int result = failed ? -1 : syscall(call, fd);
    int saved = errno;
    if (class == DIRECTORY) {
        char path[PATH_MAX];
        path_of(fd, path);
        if (result == 0) put(SYNC_DIRECTORY, path, inode(fd), 0, NULL, 0, 0);
    } else {
        put(result == 0 ? kind : SYNC_FAILED, NULL, inode(fd), 0, NULL, 0, 0);
    }
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return result;
}
int fsync(int fd) { return sync_file(fd, SYS_fsync, SYNC); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync, SYNC_DATA); }
/* This makes nothing durable by itself, so that it counts for nothing. */
int sync_file_range(int fd, off64_t offset, off64_t length, unsigned flags) {
    return syscall(SYS_sync_file_range, fd, offset, length, flags);
}

/* A change of names: one path, or two, the second as the data. */
static int names(uint32_t kind, int call, int at, const char *path, int to_at, const char *to,
                 long (*act)(int, const char *, int, const char *, long), long argument) {
    char full[PATH_MAX], target[PATH_MAX];
    absolute(at, path, full);
    target[0] = 0;
    if (to) absolute(to_at, to, target);
    if (!is_under(full) && !is_under(target)) return act(at, path, to_at, to, argument);
    pthread_mutex_lock(&mutex);
    struct stat stat = {0};
    syscall(SYS_newfstatat, AT_FDCWD, full, &stat, AT_SYMLINK_NOFOLLOW);
    int result = fails(call) ? -1 : act(at, path, to_at, to, argument);
    int saved = errno;
    struct iovec second = {target, strlen(target)};
    if (result == 0) put(kind, full, stat.st_ino, 0, &second, 1, second.iov_len);
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return result;
}

static long act_rename(int at, const char *path, int to_at, const char *to, long flags) {
    return syscall(SYS_renameat2, at, path, to_at, to, flags);
}
static long act_link(int at, const char *path, int to_at, const char *to, long flags) {
    return syscall(SYS_linkat, at, path, to_at, to, flags);
}
static long act_unlink(int at, const char *path, int to_at, const char *to, long flags) {
    (void)to_at, (void)to;
    return syscall(SYS_unlinkat, at, path, flags);
}
static long act_mkdir(int at, const char *path, int to_at, const char *to, long mode) {
    (void)to_at, (void)to;
    return syscall(SYS_mkdirat, at, path, mode);
}

int rename(const char *from, const char *to) { return names(RENAME, CALL_NAME, AT_FDCWD, from, AT_FDCWD, to, act_rename, 0); }
int renameat(int at, const char *from, int to_at, const char *to) { return names(RENAME, CALL_NAME, at, from, to_at, to, act_rename, 0); }
int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags) { return names(RENAME, CALL_NAME, at, from, to_at, to, act_rename, flags); }
int link(const char *from, const char *to) { return names(LINK, CALL_NAME, AT_FDCWD, from, AT_FDCWD, to, act_link, 0); }
int linkat(int at, const char *from, int to_at, const char *to, int flags) { return names(LINK, CALL_NAME, at, from, to_at, to, act_link, flags); }
int unlink(const char *path) { return names(UNLINK, CALL_NAME, AT_FDCWD, path, 0, NULL, act_unlink, 0); }
int unlinkat(int at, const char *path, int flags) { return names(flags & AT_REMOVEDIR ? RMDIR : UNLINK, CALL_NAME, at, path, 0, NULL, act_unlink, flags); }
int remove(const char *path) { return unlink(path); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdir(const char *path, mode_t mode) { return names(MKDIR, CALL_CREATE, AT_FDCWD, path, 0, NULL, act_mkdir, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return names(MKDIR, CALL_CREATE, at, path, 0, NULL, act_mkdir, mode); }

/* The time of day. Elapsed time (CLOCK_MONOTONIC) is as it is. */
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real ? real(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
    int64_t shift = control[CLOCK_MS];
    if (result == 0 && shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t nanos = (int64_t)time->tv_nsec + (shift % 1000) * 1000000;
        time->tv_sec += shift / 1000 + (nanos < 0 ? -1 : nanos / 1000000000);
        time->tv_nsec = nanos < 0 ? nanos + 1000000000 : nanos % 1000000000;
    }
    return result;
}
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
