/* Preloaded into a process: its wall clock is the kernel's plus an offset that a test may step at any moment. Waits until a wall-clock time see the step
   as they would see the kernel's: forwards they end at once, backwards they go on for longer. The monotonic clock is left alone.
   STEPPED_CLOCK names a file that holds the offset: one 64-bit integer, nanoseconds. (libfaketime knows no cnd_timedwait, which librdkafka waits with.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <errno.h>
#include <unistd.h>

enum { kSliceNs = 20 * 1000 * 1000 };
static const int64_t kSecond = 1000000000;
static const volatile int64_t *offset_ns;

__attribute__((constructor)) static void open_offset(void) {
  const char *path = getenv("STEPPED_CLOCK");
  const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) abort();
  void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (page == MAP_FAILED) abort();
  offset_ns = page;
}

static int64_t kernel_ns(void) {
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}
static int64_t stepped_ns(void) { return kernel_ns() + (offset_ns ? *offset_ns : 0); }
static struct timespec as_timespec(int64_t ns) { return (struct timespec){ns / kSecond, ns % kSecond}; }

int clock_gettime(clockid_t clock, struct timespec *out) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return real(clock, out);
  }
  *out = as_timespec(stepped_ns());
  return 0;
}
int timespec_get(struct timespec *out, int base) {
  *out = as_timespec(stepped_ns());
  return base;
}
int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  (void)zone;
  const int64_t now = stepped_ns();
  out->tv_sec = now / kSecond;
  out->tv_usec = now % kSecond / 1000;
  return 0;
}
time_t time(time_t *out) {
  const time_t now = stepped_ns() / kSecond;
  if (out) *out = now;
  return now;
}

/* Waits in slices of the kernel's clock for as long as the stepped clock is before `until`. */
#define WAIT_STEPPED(call, timed_out)                                          \
  for (;;) {                                                                   \
    const int64_t left = until->tv_sec * kSecond + until->tv_nsec - stepped_ns(); \
    if (left <= 0) return timed_out;                                           \
    const struct timespec slice = as_timespec(kernel_ns() + (left < kSliceNs ? left : kSliceNs)); \
    const int result = call;                                                   \
    if (result != timed_out) return result;                                    \
  }

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
  static int (*real)(cnd_t *, mtx_t *, const struct timespec *);
  if (!real) real = (int (*)(cnd_t *, mtx_t *, const struct timespec *))dlsym(RTLD_NEXT, "cnd_timedwait");
  WAIT_STEPPED(real(condition, mutex, &slice), thrd_timedout)
}
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
  static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (!real) real = (int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  WAIT_STEPPED(real(condition, mutex, &slice), ETIMEDOUT)
}
