import Foundation
import Scheduling
import Testing

@Suite struct ConfinementTests {
    @Test func `a confined worker reaches nothing but what is its own`() throws {
        let root = NSTemporaryDirectory() + "hone-confinement-\(UUID().uuidString)"
        for name in ["own", "given", "foreign"] {
            try FileManager.default.createDirectory(
                atPath: "\(root)/\(name)",
                withIntermediateDirectories: true
            )
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(root)/\(name)/file"))
        }
        defer { try? FileManager.default.removeItem(atPath: root) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProcessWorkerLauncher.besideThisProgram())
        process.arguments = [
            "--try-confinement", "--write", "\(root)/own", "--read", "\(root)/given",
            "--foreign", "\(root)/foreign/file", "--foreign", "/etc/passwd",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        let lines = text.split(separator: "\n")
        #expect(lines.count >= 15 && !text.contains("WRONG"), "\(text)")
        // Without it all of these would be let: the trial is no trial of an unconfined machine.
        #expect(text.contains("right  open a socket to the network: refused"))
        #expect(text.contains("right  start a program: refused"))
        #expect(text.contains("right  write in \(root)/own: done"))
        #expect(text.contains("right  read \(root)/given: done"))
        guard ProcessWorkerLauncher.confinesFiles else { return }
        #expect(text.contains("right  read \(root)/foreign/file: refused"))
        #expect(text.contains("right  write in \(root)/given: refused"))
    }
}
