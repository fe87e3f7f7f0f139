#pragma once
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel has it; the C library knows neither the calls nor this. */
struct cscheduling_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/* Both of the calling thread. */
static inline long cscheduling_get(struct cscheduling_attributes *attributes) {
    return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0);
}

static inline long cscheduling_set(struct cscheduling_attributes *attributes) {
    return syscall(SYS_sched_setattr, 0, attributes, 0);
}
