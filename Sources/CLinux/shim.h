#pragma once
#include <stdint.h>
#include <sys/types.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel has it; the C library knows neither the calls nor this. */
struct clinux_scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/* Both of the calling thread. */
static inline long clinux_get_scheduling(struct clinux_scheduling *attributes) {
    return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0);
}

static inline long clinux_set_scheduling(struct clinux_scheduling *attributes) {
    return syscall(SYS_sched_setattr, 0, attributes, 0);
}

/* Starts the writing of what the range has in memory to the disk, and waits until that is there. */
static inline int clinux_write_out(int file, off_t offset, off_t count) {
    /* Declared for GNU programs alone, with these flags: WAIT_BEFORE, WRITE, WAIT_AFTER. */
    extern int sync_file_range(int, __off64_t, __off64_t, unsigned int);
    return sync_file_range(file, offset, count, 1 | 2 | 4);
}
