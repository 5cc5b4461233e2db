// The cores this process may use.
#define _GNU_SOURCE
#include "CPlatform.h"
#include "group.h"
#include <sched.h>
#include <stdio.h>
#include <string.h>

// More than any Linux kernel for x86-64 can be built for.
enum { most_cores = 8192 };
static const size_t mask_bytes = CPU_ALLOC_SIZE(most_cores);
typedef union {
  cpu_set_t set;
  unsigned char bytes[most_cores / 8];
} mask;

static void read_mask(mask *allowed) {
  memset(allowed, 0, sizeof *allowed);
  if (sched_getaffinity(0, mask_bytes, &allowed->set)) CPU_SET_S(0, mask_bytes, &allowed->set);
}

int platform_core_count(void) {
  mask allowed;
  read_mask(&allowed);
  return CPU_COUNT_S(mask_bytes, &allowed.set);
}

// The least hardware thread of the same physical core, or the thread itself where the kernel does not tell.
static int first_sibling(int core) {
  char directory[80];
  snprintf(directory, sizeof directory, "/sys/devices/system/cpu/cpu%d/topology", core);
  double first = group_number(directory, "thread_siblings_list", NULL);  // "3,67" or "6-7"
  return first >= 0 && first < most_cores ? (int)first : core;
}

int platform_physical_core_count(void) {
  mask allowed, seen;
  read_mask(&allowed);
  memset(&seen, 0, sizeof seen);
  for (int core = 0; core < most_cores; core++) {
    if (CPU_ISSET_S(core, mask_bytes, &allowed.set)) CPU_SET_S(first_sibling(core), mask_bytes, &seen.set);
  }
  return CPU_COUNT_S(mask_bytes, &seen.set);
}

void platform_affinity_text(char *text, size_t size) {
  mask allowed;
  read_mask(&allowed);
  size_t used = 0;
  if (size) *text = 0;
  for (int core = 0; core < most_cores; core++) {
    if (!CPU_ISSET_S(core, mask_bytes, &allowed.set)) continue;
    int last = core;
    while (last + 1 < most_cores && CPU_ISSET_S(last + 1, mask_bytes, &allowed.set)) last++;
    const char *comma = used ? "," : "";
    int written = last > core ? snprintf(text + used, size - used, "%s%d-%d", comma, core, last)
                              : snprintf(text + used, size - used, "%s%d", comma, core);
    used += (size_t)written;
    if (used >= size) return;
    core = last;
  }
}

// The least share of time of all groups around: quota over period, both in microseconds.
static void least_quota(const char *directory, int version, void *wanted) {
  double *least = wanted, quota, period;
  if (version == 2) {
    quota = group_number(directory, "cpu.max", NULL);  // "150000 100000" or "max 100000"
    period = 100000;
    char path[4352];
    snprintf(path, sizeof path, "%s/cpu.max", directory);
    FILE *file = fopen(path, "re");
    if (file) {
      if (fscanf(file, "%lf %lf", &quota, &period) != 2) quota = -1;
      fclose(file);
    }
  } else {
    quota = group_number(directory, "cpu.cfs_quota_us", NULL);
    period = group_number(directory, "cpu.cfs_period_us", NULL);
  }
  if (quota <= 0 || period <= 0) return;
  if (*least == 0 || quota / period < *least) *least = quota / period;
}

double platform_core_quota(void) {
  double least = 0;
  group_walk("cpu", least_quota, &least);
  return least;
}
