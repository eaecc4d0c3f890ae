#pragma once

#include <stdint.h>

/* What a thread has asked of the allocator and of files since it began. */
struct call_counters {
    uint64_t allocations;
    uint64_t reads;
    uint64_t writes;
    uint64_t bytes_written;
    uint64_t syncs;
};

struct call_counters call_counters_of_thread(void);
