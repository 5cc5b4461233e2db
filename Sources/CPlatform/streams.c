// The three streams that every program counts on: where one was closed at the start, its number would be given to the first
// file that is opened, and what is said would be written into that file.
#include <fcntl.h>
#include <unistd.h>

// A constructor, because libraries open files before the program's own code runs. Standard output and error become
// something that can be read only: so writing to them still fails.
__attribute__((constructor)) static void take_closed_streams(void) {
  for (int stream = 0; stream < 3; stream++) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    // The lowest number that is free: this one.
    if (open("/dev/null", O_RDONLY) != stream) return;
  }
}
