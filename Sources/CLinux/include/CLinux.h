// The parts of the Linux system interface that Swift's Glibc module lacks.
#pragma once
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC; the peer's address is not asked for.
int clinux_accept(int listener);

/// EPOLL_CTL_ADD, MOD or DEL of a descriptor with a 64-bit token.
int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);

/// Names the calling thread; the kernel keeps 15 bytes.
void clinux_name_thread(const char *name);
