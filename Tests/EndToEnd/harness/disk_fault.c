/* Preloaded into the worker: makes writes and syncs of its session database fail while a file says so.
 *
 * DISK_FAULT names the file. It holds "write ERRNO N" or "sync ERRNO N": the N-th call from then on, and all after it,
 * fail. No file, no fault. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_database(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, ".sqlite") != NULL;
}

/* Commits come one after the other, on one thread. */
static long calls;

static int fault(int fd, const char *operation) {
  const char *control = getenv("DISK_FAULT");
  if (!control || !is_database(fd)) return 0;
  FILE *file = fopen(control, "re");
  if (!file) {
    calls = 0;
    return 0;
  }
  char kind[16] = "";
  int error = 0;
  long from = 1;
  int fields = fscanf(file, "%15s %d %ld", kind, &error, &from);
  fclose(file);
  if (fields != 3 || strcmp(kind, operation) != 0) return 0;
  return ++calls >= from ? error : 0;
}

#define FAIL_OR_CALL(operation, result, name, types, values)                    \
  do {                                                                          \
    int error = fault(fd, operation);                                           \
    if (error) {                                                                \
      errno = error;                                                            \
      return -1;                                                                \
    }                                                                           \
    static result(*real) types;                                                 \
    if (!real) real = (result(*) types)dlsym(RTLD_NEXT, name);                  \
    return real values;                                                         \
  } while (0)

ssize_t write(int fd, const void *data, size_t size) {
  FAIL_OR_CALL("write", ssize_t, "write", (int, const void *, size_t), (fd, data, size));
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
  FAIL_OR_CALL("write", ssize_t, "pwrite", (int, const void *, size_t, off_t), (fd, data, size, offset));
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  FAIL_OR_CALL("write", ssize_t, "pwrite64", (int, const void *, size_t, off64_t), (fd, data, size, offset));
}
int fsync(int fd) { FAIL_OR_CALL("sync", int, "fsync", (int), (fd)); }
int fdatasync(int fd) { FAIL_OR_CALL("sync", int, "fdatasync", (int), (fd)); }
