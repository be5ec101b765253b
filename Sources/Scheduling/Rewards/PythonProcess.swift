import Domain
import Foundation
import Glibc
import Rewards
import WorkerProtocol

/// One confined Python: it gets its cases over a socket, answers a line for each, and is killed with
/// all that it started.
final class PythonProcess {
    private let process: SpawnedProcess
    private let socket: Int32
    private let limits: PythonRunner.Limits

    /// Starts a Python that knows nothing of this process's environment, files or descriptors.
    ///
    /// With `mayHaveNetwork` it runs graders even where they cannot be kept from the network.
    init(
        _ executable: String,
        limits: PythonRunner.Limits,
        folder: String,
        mayHaveNetwork: Bool
    ) throws(HoneError) {
        let (ours, theirs) = try FrameSocket.descriptorPair()
        defer { close(theirs) }
        do throws(HoneError) {
            process = try SpawnedProcess(
                executable: executable,
                arguments: [
                    "-I", "-c", PythonDriver.text, folder, String(limits.processorSeconds),
                    String(limits.memoryBytes), String(limits.fileBytes),
                    mayHaveNetwork ? "network" : "confined",
                ],
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8"],
                socket: theirs,
                onLine: { _, _ in }
            )
        } catch {
            close(ours)
            throw error
        }
        socket = ours
        self.limits = limits
    }

    deinit {
        // The group: what the text started goes with it.
        kill(-process.processID, SIGKILL)
        process.signal(SIGKILL)
        _ = process.waitForExit(timeout: .seconds(5))
        close(socket)
    }

    /// A score for each answered case, in order, and the failure of the one after them.
    func grade(_ code: String, _ cases: [PythonRunner.Case]) -> [RewardScore] {
        let end = SuspendingClock.now + limits.deadline
        let job: Value = [
            "source": .string(code),
            "cases": .array(cases.map { ["sample": $0.sample, "item": $0.item] }),
        ]
        guard var text = try? JSONEncoder().encode(job) else {
            return [RewardScore(unscored: "the cases cannot be written as JSON")]
        }
        text.append(UInt8(ascii: "\n"))
        guard send(text, until: end) else { return [failure(until: end)] }
        var scores: [RewardScore] = []
        var (buffer, total) = (Data(), 0)
        while scores.count < cases.count, total <= limits.outputBytes {
            guard let bytes = receive(until: end), !bytes.isEmpty else { break }
            total += bytes.count
            buffer.append(bytes)
            while scores.count < cases.count,
                let newline = buffer.firstIndex(of: UInt8(ascii: "\n"))
            {
                scores.append(Self.score(Data(buffer[..<newline])))
                buffer = Data(buffer[buffer.index(after: newline)...])
            }
        }
        if scores.count < cases.count {
            scores.append(
                total > limits.outputBytes
                    ? RewardScore(unscored: "the grader answered too much") : failure(until: end)
            )
        }
        return scores
    }

    private static func score(_ line: Data) -> RewardScore {
        guard let answer = try? JSONDecoder().decode(Value.self, from: line) else {
            return RewardScore(unscored: "the grader's answer is not JSON")
        }
        if let score = answer["score"]?.doubleValue { return RewardScore(score) }
        if let reason = answer["network"]?.stringValue {
            return RewardScore(unscored: PythonRunner.networkRefusal(reason))
        }
        let reason = answer["reason"]?.stringValue ?? "it gave no number"
        return RewardScore(unscored: "the grader failed: \(reason.prefix(500))")
    }

    /// Why there is no answer: the deadline, or how the process ended.
    private func failure(until end: SuspendingClock.Instant) -> RewardScore {
        if SuspendingClock.now >= end {
            return RewardScore(unscored: "the grader took longer than \(limits.deadline)")
        }
        let cause = process.waitForExit(timeout: .seconds(1))
        let words = cause?.description ?? "fell silent"
        let last = process.lastLines.last.map { ": \($0.prefix(300))" } ?? ""
        return RewardScore(unscored: "the grader \(words)\(last)")
    }

    // MARK: - The socket, with deadlines

    private func isReady(_ events: Int32, until end: SuspendingClock.Instant) -> Bool {
        while true {
            let left = (end - SuspendingClock.now).seconds
            guard left > 0 else { return false }
            var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
            let result = poll(&entry, 1, Int32(min(left * 1000 + 1, 60_000)))
            if result > 0 { return true }
            if result < 0 && errno != EINTR { return false }
        }
    }

    private func send(_ text: Data, until end: SuspendingClock.Instant) -> Bool {
        let bytes = Array(text)
        var sent = 0
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        while sent < bytes.count {
            guard isReady(POLLOUT, until: end) else { return false }
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, flags)
            }
            if count < 0 && (errno == EAGAIN || errno == EINTR) { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func receive(until end: SuspendingClock.Instant) -> Data? {
        guard isReady(POLLIN, until: end) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count >= 0 ? Data(buffer.prefix(count)) : nil
    }
}
