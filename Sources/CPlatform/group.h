// The numbers that the control groups of this process set; for files of this target only.
#ifndef FAIRTAT_GROUP_H
#define FAIRTAT_GROUP_H

/// What to make of the directory of one group, with what the caller wants to know.
typedef void (*group_visitor)(const char *directory, int version, void *wanted);

/// Calls `visit` with the directory of the group of `controller` ("memory", "cpu") that this process is in, then with
/// those of the groups around it, up to the outermost that is visible. `version` is 1 or 2.
void group_walk(const char *controller, group_visitor visit, void *wanted);

/// The first number of `directory/file`, or after the word `key` in it if that is not NULL. -1 where the file, the word
/// or the number is missing (as in "max").
double group_number(const char *directory, const char *file, const char *key);

#endif
