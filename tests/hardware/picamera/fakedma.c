// LD_PRELOAD: answers /dev/udmabuf and /dev/dma_heap/* with plain memory files, for machines that have neither.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define REQUEST_TYPE(request) (((request) >> 8) & 0xff)
#define DMA_BUF_TYPE 'b'

static int is_heap(const char *path) {
    return path && (!strcmp(path, "/dev/udmabuf") || !strncmp(path, "/dev/dma_heap/", 14));
}

static int open_heap(void) { return memfd_create("heap", MFD_CLOEXEC); }

static mode_t mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                                                  \
    int name(const char *path, int flags, ...) {                                    \
        static int (*real)(const char *, int, ...);                                 \
        va_list rest;                                                               \
        va_start(rest, flags);                                                      \
        mode_t mode = mode_of(flags, rest);                                         \
        va_end(rest);                                                               \
        if (is_heap(path)) return open_heap();                                      \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                  \
        return real(path, flags, mode);                                             \
    }
#define OPENAT(name)                                                                \
    int name(int folder, const char *path, int flags, ...) {                        \
        static int (*real)(int, const char *, int, ...);                            \
        va_list rest;                                                               \
        va_start(rest, flags);                                                      \
        mode_t mode = mode_of(flags, rest);                                         \
        va_end(rest);                                                               \
        if (is_heap(path)) return open_heap();                                      \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                  \
        return real(folder, path, flags, mode);                                     \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open64(path, flags); }

static int allocate(struct dma_heap_allocation_data *wanted) {
    int memory = memfd_create("buffer", MFD_CLOEXEC);
    if (memory < 0) return -1;
    if (ftruncate(memory, wanted->len)) {
        close(memory);
        return -1;
    }
    wanted->fd = memory;
    return 0;
}

// Synchronizing or naming a buffer means nothing on a memory file.
static int is_on_memory_file(int fd, unsigned long request) {
    struct stat status;
    return REQUEST_TYPE(request) == DMA_BUF_TYPE && !fstat(fd, &status) && S_ISREG(status.st_mode);
}

int ioctl(int fd, unsigned long request, ...) {
    static int (*real)(int, unsigned long, ...);
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    request &= 0xffffffffUL;
    if (request == UDMABUF_CREATE)
        return fcntl(((struct udmabuf_create *)argument)->memfd, F_DUPFD_CLOEXEC, 3);
    if (request == DMA_HEAP_IOCTL_ALLOC) return allocate(argument);
    if (is_on_memory_file(fd, request)) return 0;
    if (!real) real = dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
}
