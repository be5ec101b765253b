/// What runs in the confined Python before the grader's own text.
///
/// Limits are hard ones, and the process is put into namespaces of its own, so that it has no network
/// and no rights to raise them again. Where the system permits no namespaces it runs nothing, unless it
/// was told that graders may have the network.
enum PythonDriver {
    static let text = #"""
        import ctypes, json, math, os, resource, socket, sys

        folder, seconds, memory, size = sys.argv[1], *map(int, sys.argv[2:5])
        may_have_network = sys.argv[5] == "network"
        channel = socket.socket(fileno=3).makefile("rwb")
        job = json.loads(channel.readline())

        libc = ctypes.CDLL(None, use_errno=True)
        os.chdir(folder)
        has_network = True
        if os.getuid() == 0:                        # No limit on processes holds for root.
            # Root needs no user namespace for it, which some systems do not give.
            has_network = libc.unshare(0x40000000) != 0         # CLONE_NEWNET
            try:
                os.chown(folder, 65534, 65534)
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
            except OSError:
                pass
        libc.prctl(1, 9, 0, 0, 0)                   # PR_SET_PDEATHSIG: dies with its parent
        if libc.unshare(0x10000000 | 0x40000000) == 0:          # CLONE_NEWUSER | CLONE_NEWNET
            has_network = False
        if has_network and not may_have_network:
            refusal = json.dumps({"network": os.strerror(ctypes.get_errno())}).encode()
            for case in job["cases"]:
                channel.write(refusal + b"\n")
            channel.flush()
            sys.exit()
        libc.prctl(38, 1, 0, 0, 0)                  # PR_SET_NO_NEW_PRIVS
        for what, limit in [
            (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, size), (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 32), (resource.RLIMIT_NPROC, 0),
        ]:
            resource.setrlimit(what, (limit, limit))
        del ctypes, libc, resource, socket, os

        scope = {"__name__": "grader"}
        problem = None
        try:
            exec(compile(job["source"], "grader", "exec"), scope)
        except BaseException as error:
            problem = error
        for case in job["cases"]:
            try:
                if problem is not None:
                    raise problem
                grade = float(scope["grade"](case["sample"], case["item"]))
                answer = {"score": grade} if math.isfinite(grade) else {"reason": f"it gave {grade}"}
            except MemoryError:
                answer = {"reason": "MemoryError: it used too much memory"}
            except BaseException as error:
                answer = {"reason": f"{type(error).__name__}: {error}"[:500]}
            channel.write(json.dumps(answer).encode() + b"\n")
            channel.flush()
        """#
}
