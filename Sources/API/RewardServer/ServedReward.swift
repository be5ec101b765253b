import APITypes
public import Domain
import Foundation
import Rewards
import Scheduling

/// The reward that a daemon gives other trainers when they name no model.
public struct ServedReward: Sendable, Hashable {
    /// As written in a spec: `{"name":"…", …}`.
    public let entry: Value

    /// A reward as written in a spec.
    ///
    /// - Throws: `invalid_request` with all its faults.
    public init(_ entry: Value) throws(HoneError) {
        do throws(Faults) {
            _ = try RewardPlan(entry, path: "serve_reward")
        } catch {
            throw HoneError(.invalidRequest, error.description, param: "serve_reward")
        }
        self.entry = entry
    }

    /// A reward as said on a command line: JSON, `@FILE` or a `.json` file of it, the name of a reward
    /// that needs no parameters, or else a reward model's name.
    public init(text: String) throws(HoneError) {
        if text.hasPrefix("{") {
            try self.init(JSONText.value(Data(text.utf8), source: "serve_reward"))
        } else if text.hasPrefix("@") || text.hasSuffix(".json") {
            let file = text.hasPrefix("@") ? String(text.dropFirst()) : text
            guard let data = FileManager.default.contents(atPath: file) else {
                let message = "\(file) cannot be read: \(SystemReason.reading(file))"
                throw HoneError(.notFound, message, param: "serve_reward")
            }
            try self.init(JSONText.value(data, source: file))
        } else if RewardCatalogue.type(named: text) != nil {
            try self.init(["name": .string(text)])
        } else {
            try self.init(["name": "model", "model": .string(text)])
        }
    }
}
