// Control groups, versions 1 and 2, read from /proc/self/cgroup and /sys/fs/cgroup (cgroups(7)).
#define _GNU_SOURCE
#include "group.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void walk(const char *mount, char *path, int version, group_visitor visit, void *wanted) {
  char directory[4096];
  for (;;) {
    int length = snprintf(directory, sizeof directory, "%s%s", mount, strcmp(path, "/") ? path : "");
    // Inside a container the path may be one of the host: then only the outermost group is to be seen.
    if (length < (int)sizeof directory && access(directory, X_OK) == 0) visit(directory, version, wanted);
    char *slash = strrchr(path, '/');
    if (!slash || !strcmp(path, "/")) return;
    slash[slash == path] = 0;
  }
}

void group_walk(const char *controller, group_visitor visit, void *wanted) {
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (!file) return;
  char line[4096];
  while (fgets(line, sizeof line, file)) {  // number:controller,controller:/path
    line[strcspn(line, "\n")] = 0;
    char *names = strchr(line, ':');
    char *path = names ? strchr(names + 1, ':') : NULL;
    if (!path || path[1] != '/') continue;
    *names++ = 0, *path++ = 0;
    if (!*names) {
      walk("/sys/fs/cgroup", path, 2, visit, wanted);
      continue;
    }
    char mount[256];
    snprintf(mount, sizeof mount, "/sys/fs/cgroup/%s", controller);
    for (char *rest = names, *name; (name = strsep(&rest, ","));)
      if (!strcmp(name, controller)) walk(mount, path, 1, visit, wanted);
  }
  fclose(file);
}

double group_number(const char *directory, const char *name, const char *key) {
  char path[4352], line[256];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "re");
  if (!file) return -1;
  double number = -1;
  size_t length = key ? strlen(key) : 0;
  while (fgets(line, sizeof line, file)) {
    if (key && (strncmp(line, key, length) || (line[length] != ' ' && line[length] != '\t'))) continue;
    char *end;
    double value = strtod(line + length, &end);
    if (end != line + length) number = value;
    break;
  }
  fclose(file);
  return number;
}
