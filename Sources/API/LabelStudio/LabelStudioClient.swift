import APITypes
import Domain
import Foundation
import HTTP
import Outbound
import Scheduling

/// What is asked of a Label Studio: to import tasks, and which of some it has.
struct LabelStudioClient: Sendable {
    let target: LabelStudioTarget
    private let outbound: OutboundHTTP

    /// How long one request may take.
    static let timeout: Duration = .seconds(30)

    /// Only the target's own host is asked; a name of it that leads to a private address needs that
    /// address among `hosts`.
    init(_ target: LabelStudioTarget, hosts: [String] = []) {
        self.target = target
        let own = [try? HTTPURL(target.url).place].compactMap(\.self)
        outbound = OutboundHTTP(hosts: own + hosts)
    }

    /// Imports tasks, all or none; Label Studio's ids of them, in their order, where it tells them.
    func importTasks(_ tasks: [LabelStudioTask]) async throws(RemoteFailure) -> [Int] {
        let reply = try await call(
            .post,
            "/api/projects/\(target.project)/import?return_task_ids=true",
            .array(tasks.map(\.json))
        )
        let ids = (reply["task_ids"]?.arrayValue ?? []).compactMap(\.integerValue)
        return ids.count == tasks.count ? ids : []
    }

    /// Those of the tasks that are in the project, by lease, with Label Studio's ids.
    func known(_ tasks: [LabelStudioTask]) async throws(RemoteFailure) -> [Int: Int?] {
        var found: [Int: Int?] = [:]
        for task in tasks {
            let filter: Value = [
                "filter": "filter:tasks:data.hone_task", "operator": "equal", "type": "String",
                "value": .string(task.mark),
            ]
            let query = JSONText.text(["filters": ["conjunction": "and", "items": [filter]]])
            let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            let reply = try await call(
                .get,
                "/api/tasks?project=\(target.project)&page_size=2&query=\(escaped ?? "")"
            )
            for one in reply["tasks"]?.arrayValue ?? []
            where one["data"]?["hone_task"]?.stringValue == task.mark {
                found[task.lease] = one["id"]?.integerValue
            }
        }
        return found
    }

    private func call(
        _ method: HTTPMethod,
        _ path: String,
        _ body: Value? = nil
    ) async throws(RemoteFailure) -> Value {
        let authorization = try await authorization()
        return try await send(method, path, body, ["authorization": authorization])
    }

    /// A legacy token is sent as it is; a personal one, which is a JSON web token, is changed for one
    /// that lives for minutes.
    private func authorization() async throws(RemoteFailure) -> String {
        guard target.token.split(separator: ".").count == 3 else { return "Token \(target.token)" }
        let body: Value = ["refresh": .string(target.token)]
        let reply = try await send(.post, "/api/token/refresh", body, HTTPHeaders())
        guard let access = reply["access"]?.stringValue else {
            throw RemoteFailure("it gave no access token for the personal token")
        }
        return "Bearer \(access)"
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: Value?,
        _ headers: HTTPHeaders
    ) async throws(RemoteFailure) -> Value {
        var headers = headers
        headers["user-agent"] = "hone"
        if body != nil { headers["content-type"] = "application/json" }
        let reply = try await outbound.send(
            method,
            target.url + path,
            headers: headers,
            body: body.map { Array(JSONText.data($0)) } ?? [],
            timeout: Self.timeout
        )
        guard (200..<300).contains(reply.status) else {
            let said = String(decoding: reply.body.prefix(300), as: UTF8.self)
            throw RemoteFailure("it answered with status \(reply.status): \(said)")
        }
        do {
            return try JSONText.value(Data(reply.body), source: "Label Studio's reply")
        } catch {
            throw RemoteFailure("its reply is no JSON")
        }
    }
}
