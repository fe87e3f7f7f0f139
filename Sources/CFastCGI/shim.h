#pragma once
#include <fcgiapp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* An unsigned constant beyond Int32 in C's enumeration, so not imported as the flag it is. */
static inline unsigned int cfastcgi_epoll_exclusive(void) { return EPOLLIN | EPOLLEXCLUSIVE; }

/* fcntl is variadic, which Swift does not import in full. */
static inline int cfastcgi_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}
static inline int cfastcgi_duplicate(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 3); }
