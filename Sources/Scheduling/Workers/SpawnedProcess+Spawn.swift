import Domain
import Foundation

extension SpawnedProcess {
    /// Executes a program with the given descriptors at the given numbers, and no others.
    static func spawn(
        executable: String,
        arguments: [String],
        environment: [String],
        descriptors: [(from: Int32, to: Int32)]
    ) throws(HoneError) -> Int32 {
        let raised = descriptors.map { (raiseDescriptor($0.from), $0.to) }
        defer { for (descriptor, _) in raised where descriptor >= 0 { close(descriptor) } }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        describe(raised, in: &actions)
        describeSignals(in: &attributes)
        var processID: pid_t = 0
        let status = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&processID, executable, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            throw HoneError(
                .internalError,
                "The worker program \(executable) could not be started: "
                    + "\(String(cString: strerror(status))). It belongs beside the other programs.",
                param: executable
            )
        }
        return processID
    }

    /// A copy above all target numbers, so that placing one descriptor cannot overwrite another.
    private static func raiseDescriptor(_ descriptor: Int32) -> Int32 {
        fcntl(descriptor, F_DUPFD_CLOEXEC, 16)
    }

    private static func describe(
        _ descriptors: [(from: Int32, to: Int32)],
        in actions: inout posix_spawn_file_actions_t
    ) {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (from, to) in descriptors {
            posix_spawn_file_actions_adddup2(&actions, from, to)
        }
        // Whatever another part of the program left open without close-on-exec ends here: a worker
        // that held another's socket would keep it from seeing the daemon's end.
        for descriptor in openDescriptors() where descriptor > childSocket {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
    }

    /// The numbers of this process's descriptors, by proc(5); closing one twice does no harm.
    private static func openDescriptors() -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }
    }

    /// An empty mask and default handling: the daemon blocks signals that its workers must obey.
    private static func describeSignals(in attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// Lends the strings as a null-terminated array of C strings.
    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
