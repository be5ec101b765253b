import Telemetry

/// Handlers and streams in tasks of their own, and writing in threads.
extension EventLoop {
    func dispatch(
        _ sequence: UInt64,
        _ request: HTTPRequest,
        _ route: Route,
        _ connection: Connection
    ) {
        switch route.handler {
        case .immediate(let handle): connection.machine.complete(sequence, handle(request))
        case .async(let handle): start(handle, sequence, request, route, connection)
        case .atHand(let find, let handle):
            if let response = find(request) {
                connection.machine.complete(sequence, response)
            } else {
                start(handle, sequence, request, route, connection)
            }
        }
    }

    private func start(
        _ handle: @escaping @Sendable (HTTPRequest) async -> HTTPResponse,
        _ sequence: UInt64,
        _ request: HTTPRequest,
        _ route: Route,
        _ connection: Connection
    ) {
        liveTasks += 1
        let token = connection.token
        let task = Task { [self] in
            let response = await handle(request)
            post(.completed(token: token, sequence: sequence, response))
        }
        connection.tasks[sequence] = (task, route.cancelsWhenClientLeaves)
    }

    /// Has a piece of a body written to its file.
    func spool(_ bytes: [UInt8], to file: BodyFile, _ connection: Connection) {
        liveTasks += 1
        let token = connection.token
        disk.submit { [self] in
            do throws(HTTPServerError) {
                try file.append(bytes)
                post(.spooled(token: token, nil))
            } catch {
                post(.spooled(token: token, error))
            }
        }
    }

    func startStream(
        _ response: HTTPResponse,
        _ produce: @escaping @Sendable (ResponseWriter) async throws -> Void,
        _ connection: Connection
    ) {
        guard !connection.machine.peerHasEnded else { return drop(connection) }
        let token = connection.token
        let highWater = core.configuration.outputHighWater
        let writer = ResponseWriter(highWater: highWater) { [weak self] in
            self?.post(.streamReady(token: token))
        }
        liveTasks += 1
        let task = Task { [self] in
            do {
                try await produce(writer)
                writer.end(.complete)
            } catch {
                writer.end(.failed)
            }
            post(.taskEnded)
        }
        connection.stream = (writer, task, response)
        connection.lastStreamedAt = now
        if connection.machine.isDraining, !response.endsItself { task.cancel() }
    }

    /// Moves what a stream has written to the output if there is room; whether anything moved.
    func pullStream(_ connection: Connection) -> Bool {
        guard let stream = connection.stream, connection.machine.hasRoom else { return false }
        let (bytes, ending) = stream.writer.take()
        if !bytes.isEmpty {
            connection.machine.appendStream(bytes, now: now)
            connection.lastStreamedAt = now
        }
        switch ending {
        case .open: return !bytes.isEmpty
        case .failed where !connection.machine.isDraining:
            // Without its last chunk the client can tell that the body is not whole.
            _ = connection.flush(now: now)
            drop(connection)
            return false
        case .complete, .failed:
            connection.machine.endStream(now: now)
            connection.stream = nil
            return true
        }
    }
}
