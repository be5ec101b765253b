// What a worker gives up before its first request: files that are not its own (Landlock), and system calls
// that reach other processes or machines (seccomp). Both are for good, for every thread and for children.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Landlock by number: the distribution's headers are older than its later versions (landlock(7)).
enum { sys_create_ruleset = 444, sys_add_rule = 445, sys_restrict_self = 446 };

struct ruleset {
    uint64_t files, network, scopes;
};
struct __attribute__((packed)) beneath {
    uint64_t allowed;
    int32_t parent;
};

static const uint64_t execute = 1 << 0, write_file = 1 << 1, read_file = 1 << 2, read_folder = 1 << 3,
                      remove_folder = 1 << 4, remove_file = 1 << 5, make_folder = 1 << 7,
                      make_file = 1 << 8, refer = 1 << 13, truncate_file = 1 << 14;

int clinux_landlock_version(void) {
    long version = syscall(sys_create_ruleset, 0, 0, 1);
    return version < 0 ? 0 : (int)version;
}

static uint64_t known_files(int version) {
    uint64_t first = (1 << 13) - 1;
    if (version >= 2) first |= refer;
    if (version >= 3) first |= truncate_file;
    if (version >= 5) first |= 1 << 15;
    return first;
}

// What is not there needs no rule: it cannot be opened either.
static int allow(int ruleset, const char *path, uint64_t rights) {
    struct beneath rule = {.allowed = rights};
    struct stat status;
    rule.parent = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent < 0) return 0;
    if (fstat(rule.parent, &status) == 0 && !S_ISDIR(status.st_mode))
        rule.allowed &= execute | write_file | read_file | truncate_file;
    long result = syscall(sys_add_rule, ruleset, 1, &rule, 0);
    int number = errno;
    close(rule.parent);
    return result == 0 ? 0 : -number;
}

int clinux_confine_files(const char *const *readable, const char *const *writable) {
    int version = clinux_landlock_version();
    if (version == 0) return -ENOSYS;
    uint64_t known = known_files(version);
    struct ruleset attributes = {
        .files = known,
        .network = version >= 4 ? 3 : 0,
        .scopes = version >= 6 ? 3 : 0,
    };
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int ruleset = (int)syscall(sys_create_ruleset, &attributes, size, 0);
    if (ruleset < 0) return -errno;
    uint64_t reading = read_file | read_folder;
    uint64_t writing = reading | write_file | remove_folder | remove_file | make_folder | make_file |
                       refer | truncate_file;
    int result = 0;
    for (; result == 0 && *readable; readable++) result = allow(ruleset, *readable, reading & known);
    for (; result == 0 && *writable; writable++) result = allow(ruleset, *writable, writing & known);
    if (result == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) result = -errno;
    if (result == 0 && syscall(sys_restrict_self, ruleset, 0) != 0) result = -errno;
    close(ruleset);
    return result;
}

#if defined(__x86_64__)
enum { architecture = AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { architecture = AUDIT_ARCH_AARCH64 };
#else
#error "the filter knows x86-64 and aarch64"
#endif

// New sockets, programs and processes; other processes' memory and signals; mounts, modules, keys;
// and ways around this filter (io_uring) or around Landlock (handles).
static const int refused[] = {
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill,
    SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open, SYS_pidfd_send_signal,
    438 /* pidfd_getfd */, SYS_kcmp, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare,
    SYS_setns, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_init_module, SYS_finit_module,
    SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_personality,
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_setuid, SYS_setgid,
    SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_acct, SYS_quotactl, SYS_settimeofday,
    SYS_clock_settime, SYS_sethostname, SYS_setdomainname, SYS_mknodat,
    428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */, 432 /* fsmount */, 442 /* mount_setattr */,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork, SYS_mknod, SYS_iopl, SYS_ioperm, SYS_modify_ldt,
    SYS_uselib,
#endif
};

enum { refused_count = sizeof refused / sizeof *refused };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))

int clinux_confine_calls(void) {
    struct sock_filter filter[2 * refused_count + 24];
    unsigned short count = 0;
    const unsigned denied = SECCOMP_RET_ERRNO | EPERM;
#define ADD(instruction) filter[count++] = (struct sock_filter)instruction
    ADD(LOAD(arch));
    ADD(UNLESS(architecture, 1));
    ADD(BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0));
    ADD(RETURN(SECCOMP_RET_KILL_PROCESS));
    ADD(LOAD(nr));
    // The second numbering of x86-64 (x32) would pass by all that follows.
    ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
    ADD(RETURN(denied));
    for (int index = 0; index < refused_count; index++) {
        ADD(UNLESS((unsigned)refused[index], 1));
        ADD(RETURN(denied));
    }
    // Its flags are in memory, out of sight: the C library falls back to clone.
    ADD(UNLESS(435, 1));
    ADD(RETURN(SECCOMP_RET_ERRNO | ENOSYS));
    // Threads, no processes.
    ADD(UNLESS(SYS_clone, 4));
    ADD(LOAD(args[0]));
    ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
    ADD(RETURN(SECCOMP_RET_ALLOW));
    ADD(RETURN(denied));
    // Signals to its own threads: how abort() ends.
    ADD(UNLESS(SYS_tgkill, 4));
    ADD(LOAD(args[0]));
    ADD(UNLESS((unsigned)getpid(), 1));
    ADD(RETURN(SECCOMP_RET_ALLOW));
    ADD(RETURN(denied));
    ADD(RETURN(SECCOMP_RET_ALLOW));
#undef ADD
    struct sock_fprog program = {.len = count, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
        return -errno;
    return 0;
}

int clinux_try(int attempt) {
    int result = -1;
    switch (attempt) {
    case CLINUX_TRY_INTERNET: result = (int)syscall(SYS_socket, 2, 1, 0); break;
    case CLINUX_TRY_LOCAL_SOCKET: result = (int)syscall(SYS_socket, 1, 1, 0); break;
    case CLINUX_TRY_PROGRAM: {
        char *const arguments[] = {"/bin/false", 0};
        result = (int)syscall(SYS_execve, "/bin/false", arguments, 0);
        break;
    }
    case CLINUX_TRY_PROCESS:
        result = (int)syscall(SYS_clone, 17, 0, 0, 0, 0);
        if (result == 0) _exit(0);
        break;
    case CLINUX_TRY_PARENT: result = (int)syscall(SYS_kill, getppid(), 0); break;
    case CLINUX_TRY_TRACE: result = (int)syscall(SYS_ptrace, 16, getppid(), 0, 0); break;
    case CLINUX_TRY_RING: result = (int)syscall(SYS_io_uring_setup, 0, 0); break;
    }
    return result < 0 ? -errno : 0;
}
