#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(EPOLLIN == 0x001 && EPOLLOUT == 0x004 && EPOLLERR == 0x008 && EPOLLHUP == 0x010 &&
                   EPOLLRDHUP == 0x2000,
               "the header repeats the values of epoll_ctl(2)");

enum { max_events = 256 };

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int clinux_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int clinux_epoll_remove(int epoll, int descriptor) {
    return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int milliseconds) {
    struct epoll_event reports[max_events];
    int limit = capacity < max_events ? capacity : max_events;
    int count = epoll_wait(epoll, reports, limit, milliseconds);
    for (int index = 0; index < count; index++) {
        events[index].token = reports[index].data.u64;
        events[index].events = reports[index].events;
    }
    return count;
}

int clinux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

// Neither can fail in a way that matters: a full counter is raised and an empty one is clear.
void clinux_eventfd_raise(int descriptor) { (void)eventfd_write(descriptor, 1); }

void clinux_eventfd_clear(int descriptor) {
    eventfd_t value;
    (void)eventfd_read(descriptor, &value);
}

int clinux_accept(int listener) {
    return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_open_beneath(const char *folder, const char *name) {
    // struct open_how: flags, mode, and no links, no way out of the folder, no other file systems' tricks.
    const uint64_t how[3] = {O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0, 0x08 | 0x04 | 0x02};
    int parent = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) return -1;
    int descriptor = (int)syscall(437, parent, name, how, sizeof how);
    if (descriptor < 0 && errno == ENOSYS) {
        if (strchr(name, '/') || strcmp(name, "..") == 0) errno = EXDEV;
        else descriptor = openat(parent, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    }
    int number = errno;
    close(parent);
    errno = number;
    return descriptor;
}

int clinux_open_unnamed(const char *folder) {
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    // Old kernels and some file systems take the flag for that of a folder.
    if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return descriptor;
    char name[4096];
    int length = snprintf(name, sizeof name, "%s/.tmp-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor >= 0) unlink(name);
    return descriptor;
}

int64_t clinux_peer_user(int socket) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    return (int64_t)peer.uid;
}

int64_t clinux_find(const void *bytes, uint64_t count, const void *pattern, uint64_t length) {
    const char *found = memmem(bytes, count, pattern, length);
    return found ? found - (const char *)bytes : -1;
}

int64_t clinux_sendfile(int socket, int file, uint64_t length) {
    return sendfile(socket, file, 0, length);
}

void clinux_prepare_thread(const char *name) {
    sigset_t signals;
    prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, 0);
}

int64_t clinux_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    return limit.rlim_cur > 1 << 20 ? 1 << 20 : (int64_t)limit.rlim_cur;
}

int64_t clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536) {
        limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return clinux_descriptor_limit();
}
