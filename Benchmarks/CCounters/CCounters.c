/* Stands before the C library's functions of the same names, for the whole process, system SQLite included: each counts its call for
 * the thread that makes it, and does what the library's does. */

#define _GNU_SOURCE
#include "CCounters.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == sizeof(long), "an offset is one argument of a system call");

/* Its place is fixed when the program starts: finding it must not allocate. */
static _Thread_local struct call_counters counters __attribute__((tls_model("initial-exec")));

struct call_counters call_counters_of_thread(void) { return counters; }

/* glibc's own, under the names that nobody takes the place of. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    counters.allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    counters.allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    counters.allocations++;
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    counters.allocations++;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    counters.allocations++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    int before = errno;
    counters.allocations++;
    void *found = __libc_memalign(alignment, size);
    errno = before;
    if (found == NULL) return ENOMEM;
    *memory = found;
    return 0;
}

static ssize_t counted_read(long result) {
    counters.reads++;
    return result;
}

static ssize_t counted_write(long result) {
    counters.writes++;
    if (result > 0) counters.bytes_written += (uint64_t)result;
    return result;
}

static int counted_sync(long result) {
    counters.syncs++;
    return (int)result;
}

ssize_t read(int file, void *bytes, size_t count) { return counted_read(syscall(SYS_read, file, bytes, count)); }

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    return counted_read(syscall(SYS_pread64, file, bytes, count, offset));
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
    return counted_read(syscall(SYS_pread64, file, bytes, count, offset));
}

ssize_t write(int file, const void *bytes, size_t count) { return counted_write(syscall(SYS_write, file, bytes, count)); }

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return counted_write(syscall(SYS_pwrite64, file, bytes, count, offset));
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    return counted_write(syscall(SYS_pwrite64, file, bytes, count, offset));
}

int fsync(int file) { return counted_sync(syscall(SYS_fsync, file)); }

int fdatasync(int file) { return counted_sync(syscall(SYS_fdatasync, file)); }
