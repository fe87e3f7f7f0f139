#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cast in C's enumeration, so not imported as the flag that it is. */
static inline unsigned int cfastcgi_epoll_oneshot(void) { return EPOLLONESHOT; }
static inline unsigned int cfastcgi_epoll_edge(void) { return EPOLLET; }

/* fcntl is variadic, which Swift does not import in full. */
static inline int cfastcgi_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* sched_setscheduler(2); declared for GNU sources only. */
static inline int cfastcgi_sched_batch(void) { return 3; }
