import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local

/// Opens the data folder here, or, when a honed has it, asks that one.
enum Session {
    /// Runs `local` with the data folder; `remote`, where there is an endpoint, when it is taken.
    static func with<Result: Sendable>(
        _ arguments: ParsedArguments,
        local: (LocalSession) async throws -> Result,
        remote: ((HoneClient) async throws -> Result)? = nil
    ) async throws -> Result {
        let data = arguments["data"] ?? ServiceDefaults.dataFolder
        let session: LocalSession
        do {
            session = try await LocalSession(
                data: data,
                threads: try arguments.integer("threads", in: 1...1024),
                remoteHosts: arguments.list("remote-hosts") ?? [],
                allowsPythonGraders: arguments.has("allow-python-graders"),
                allowsPythonNetwork: arguments.has("allow-python-network"),
                warn: { Terminal.complain("hone: \($0)") },
                log: { if Terminal.isVerbose { Terminal.complain($0) } }
            )
        } catch let error as HoneError where error.code == .dataFolderLocked {
            guard let remote else {
                throw HoneError(
                    .dataFolderLocked,
                    "\(error.message)\nThere is no endpoint for this command: stop that process, "
                        + "or choose another folder with --data",
                    param: error.param
                )
            }
            // Whoever names a server means it; else the folder's own is asked, and no other.
            let named = ProcessInfo.processInfo.environment["HONE_URL"]
            guard let url = named ?? LocalSession.server(of: data) else { throw error }
            return try await remote(HoneClient(url: url))
        }
        do {
            let result = try await local(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }
}

extension Terminal {
    /// Whether what workers write is shown: `HONE_VERBOSE=1`.
    static var isVerbose: Bool { ProcessInfo.processInfo.environment["HONE_VERBOSE"] == "1" }
}
