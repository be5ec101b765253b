// The parts of the Linux system interface that Swift's Glibc module lacks, as functions of plain types.
//
// No system header is included here on purpose: what they define in passing (timespec, sockaddr, …)
// would belong to this module as well as to Glibc, and Swift would take it from either.
#pragma once
#include <stdint.h>

/// What a descriptor is watched for or reports; the values of epoll_ctl(2).
static const uint32_t CLINUX_READ = 0x001;
static const uint32_t CLINUX_WRITE = 0x004;
static const uint32_t CLINUX_ERROR = 0x008;
static const uint32_t CLINUX_HANGUP = 0x010;
static const uint32_t CLINUX_PEER_END = 0x2000;

/// One report of an epoll instance.
struct clinux_event {
    uint64_t token;
    uint32_t events;
};

/// epoll_create1(2), closed on exec.
int clinux_epoll_create(void);

/// Watches a descriptor, changes what it is watched for, or forgets it.
int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int clinux_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token);
int clinux_epoll_remove(int epoll, int descriptor);

/// Waits for up to `capacity` reports, 256 at most; their number, or -1 with errno.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int milliseconds);

/// A non-blocking eventfd(2) at zero, closed on exec.
int clinux_eventfd(void);

/// Makes an eventfd readable, or unreadable again.
void clinux_eventfd_raise(int descriptor);
void clinux_eventfd_clear(int descriptor);

/// accept4(2), non-blocking and closed on exec; the peer's address is not asked for.
int clinux_accept(int listener);

/// The user at the other end of a connected Unix-domain socket (SO_PEERCRED), or -1.
int64_t clinux_peer_user(int socket);

/// Opens a file of a folder for reading, without following links and without leaving the folder
/// (openat2(2), RESOLVE_BENEATH; where the kernel is older than 5.6, a plain name without following a link).
/// A descriptor, or -1 with errno.
int clinux_open_beneath(const char *folder, const char *name);

/// Makes a file without a name in a folder, to write and read, for this user alone: it is gone when it is
/// closed (O_TMPFILE; where the file system has no such files, one whose name is taken away at once).
/// A descriptor, or -1 with errno.
int clinux_open_unnamed(const char *folder);

/// The version of the kernel's Landlock (landlock(7)); 0 where it has none.
int clinux_landlock_version(void);

/// Leaves the calling thread, and those it starts, the files beneath these paths only (Landlock); lists end
/// with a null pointer. What is not there is passed over. 0, or a negative errno.
int clinux_confine_files(const char *const *readable, const char *const *writable);

/// Takes new sockets, programs, processes and their like from all threads of the process (seccomp(2)): they
/// fail with EPERM. 0, or a negative errno.
int clinux_confine_calls(void);

/// What `clinux_try` tries.
enum {
    CLINUX_TRY_INTERNET,
    CLINUX_TRY_LOCAL_SOCKET,
    CLINUX_TRY_PROGRAM,
    CLINUX_TRY_PROCESS,
    CLINUX_TRY_PARENT,
    CLINUX_TRY_TRACE,
    CLINUX_TRY_RING,
};

/// Makes one system call that a confined process must not make. 0 if it was let, or a negative errno.
int clinux_try(int attempt);

/// Where the first occurrence of a pattern in some bytes begins, or -1 (memmem(3)).
int64_t clinux_find(const void *bytes, uint64_t count, const void *pattern, uint64_t length);

/// sendfile(2) from the file's own position.
int64_t clinux_sendfile(int socket, int file, uint64_t length);

/// The process's limit of descriptors (RLIMIT_NOFILE), and that limit raised as far as it may be, to
/// 65,536 at most.
int64_t clinux_descriptor_limit(void);
int64_t clinux_raise_descriptor_limit(void);

/// Names the calling thread (the kernel keeps 15 bytes) and blocks SIGPIPE in it: sendfile(2) has no
/// MSG_NOSIGNAL, and a client that left must be an error, not a signal.
void clinux_prepare_thread(const char *name);
