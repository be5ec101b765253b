import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local

enum DoctorCommand: Command {
    static let description = CommandDescription(
        "hone doctor",
        "Checks the machine: BLAS, worker, cores, memory, disk, server.",
        options: [.data, .url, .json],
        example: "hone doctor"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let folder = arguments["data"] ?? ServiceDefaults.dataFolder
        var checks = MachineCheck.all(
            dataFolder: folder,
            workerPath: Sibling.path("hone-worker")
        )
        let client = HoneClient(url: arguments["url"])
        do {
            _ = try await client.get(HealthObject.self, "/healthz")
            checks.append(MachineCheck("server", true, "a honed answers at \(client.url)"))
        } catch {
            checks.append(
                MachineCheck("server", true, "none at \(client.url); `hone serve` starts one")
            )
        }
        if arguments.has("json") {
            try Terminal.write(checks)
        } else {
            for check in checks {
                let padding = String(repeating: " ", count: max(1, 8 - check.name.count))
                print("\(check.ok ? "ok  " : "FAIL") \(check.name)\(padding)\(check.detail)")
            }
        }
        if checks.contains(where: { !$0.ok }) { throw LinesFailed() }
    }
}
