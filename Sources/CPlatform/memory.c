// How much memory and cache there is, and whether the kernel gives huge pages.
#define _GNU_SOURCE
#include "CPlatform.h"
#include "group.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

const char *platform_huge_pages(void) {
  static const char *const modes[] = {"always", "madvise", "never"};
  char line[128] = "", chosen[16];
  FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");
  if (!file) return "unknown";
  char *read = fgets(line, sizeof line, file);
  fclose(file);
  for (int i = 0; read && i < 3; i++) {
    snprintf(chosen, sizeof chosen, "[%s]", modes[i]);
    if (strstr(line, chosen)) return modes[i];
  }
  return "unknown";
}

// What a group leaves: its limit less what is used, where the page cache that is not in use counts as free.
static void least_left(const char *directory, int version, void *wanted) {
  double *least = wanted;
  double limit = group_number(directory, version == 2 ? "memory.max" : "memory.limit_in_bytes", NULL);
  double used = group_number(directory, version == 2 ? "memory.current" : "memory.usage_in_bytes", NULL);
  double cache = group_number(directory, "memory.stat", version == 2 ? "inactive_file" : "total_inactive_file");
  if (limit < 0 || used < 0) return;
  double left = limit - used + (cache > 0 ? cache : 0);
  if (left < *least) *least = left > 1 ? left : 1;
}

uint64_t platform_available_memory(void) {
  double least = group_number("/proc", "meminfo", "MemAvailable:") * 1024;
  if (least < 0) return 0;
  group_walk("memory", least_left, &least);
  // Where the kernel promises no more than it has, promises count.
  if (group_number("/proc/sys/vm", "overcommit_memory", NULL) == 2) {
    double limit = group_number("/proc", "meminfo", "CommitLimit:") * 1024;
    double promised = group_number("/proc", "meminfo", "Committed_AS:") * 1024;
    if (limit >= 0 && promised >= 0 && limit - promised < least) least = limit > promised ? limit - promised : 1;
  }
  return (uint64_t)least;
}

uint64_t platform_memory_below_limits(void) {
  static const struct { int resource; const char *used; } limits[] = {{RLIMIT_AS, "VmSize:"}, {RLIMIT_DATA, "VmData:"}};
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < 2; i++) {
    struct rlimit limit;
    if (getrlimit(limits[i].resource, &limit) || limit.rlim_cur == RLIM_INFINITY) continue;
    double used = group_number("/proc/self", "status", limits[i].used) * 1024;
    uint64_t left = used < limit.rlim_cur ? limit.rlim_cur - (uint64_t)(used > 0 ? used : 0) : 0;
    if (left < least) least = left;
  }
  return least;
}

// sysconf alone will not do: it adds up what a CPU's own tables say, and names ten times the cache on some AMD machines.
size_t platform_cache_bytes(int level) {
  static const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
  if (level < 1 || level > 3) return 0;
  for (int index = 0; index < 16; index++) {
    char directory[64], path[96], kind[32] = "";
    snprintf(directory, sizeof directory, "/sys/devices/system/cpu/cpu0/cache/index%d", index);
    if (group_number(directory, "level", NULL) != level) continue;
    snprintf(path, sizeof path, "%s/type", directory);
    FILE *file = fopen(path, "re");
    char *read = file ? fgets(kind, sizeof kind, file) : NULL;
    if (file) fclose(file);
    if (!read || kind[0] == 'I') continue;
    double kilobytes = group_number(directory, "size", NULL);  // "1024K"
    if (kilobytes > 0) return (size_t)kilobytes * 1024;
  }
  long bytes = sysconf(names[level - 1]);
  return bytes > 0 ? (size_t)bytes : 0;
}
