// Counts what one thread takes from the heap, by standing in for the functions of the C library.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// Starts counting the calling thread's allocations, from zero.
void allocation_counter_start(void);
/// Stops, and returns how many there were.
long allocation_counter_stop(void);

#endif
