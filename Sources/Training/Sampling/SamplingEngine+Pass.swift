import Domain
import Kernels
import Models

// What is computed in one pass, and what is drawn from it.
extension SamplingEngine {
    /// A token of each active sequence, then prompts as far as their share of a step goes.
    func fillPass() {
        pass.removeAll()
        logitRows.removeAll(keepingCapacity: true)
        drawers.removeAll(keepingCapacity: true)
        for sequence in active { append(sequence) }
        var budget = limits.prefillTokens
        for group in prefilling where budget > 0 {
            let part = group.computed..<min(group.prompt.count, group.computed + budget)
            pass.append(prompt: group.prompt, part: part, rows: group.rows)
            group.computed = part.upperBound
            budget -= part.count
            if group.isComputed { drawFirstTokens(of: group) }
        }
    }

    private func append(_ sequence: DecodingSequence) {
        guard let token = sequence.sequence.tokens.last else {
            preconditionFailure("the first token is drawn from the prompt")
        }
        pass.append(
            token,
            index: sequence.sequence.tokens.count - 1,
            prompt: sequence.group.rows,
            own: sequence.rows
        )
        drawers.append(Drawer(place: logitRows.count, sequence: sequence))
        logitRows.append(Int32(pass.count - 1))
    }

    /// All members draw from the one row of the prompt's last token.
    private func drawFirstTokens(of group: PromptGroup) {
        for sample in 0..<group.job.request.groupSize {
            let sequence = DecodingSequence(group, sample: sample, text: text)
            drawers.append(Drawer(place: logitRows.count, sequence: sequence))
        }
        logitRows.append(Int32(pass.count - 1))
    }

    /// Draws for everyone, some rows of logits at a time.
    func draw(from residual: Tensor, and partners: Tensor?) {
        var rest = drawers[...]
        let step = min(head.maximumLogitRows, partner?.maximumLogitRows ?? .max)
        for start in stride(from: 0, to: logitRows.count, by: step) {
            let end = min(logitRows.count, start + step)
            let logits = head.logits(
                residual,
                rows: Array(logitRows[start..<end]),
                scratch: headScratch
            )
            let part = rest.prefix { $0.place < end }
            rest = rest.dropFirst(part.count)
            let rows = part.map { Int32($0.place - start) }
            let requests = part.map { $0.sequence.drawRequest }
            let draws: [Draw]
            if let partner, let partners {
                draws = model.backend.draw(
                    logits,
                    mixedWith: partner.logits(partners, rows: Array(logitRows[start..<end])),
                    rows: rows,
                    requests: requests,
                    shares: part.map { Float($0.sequence.group.job.request.mixture) }
                )
            } else {
                draws = model.backend.draw(logits, rows: rows, requests: requests)
            }
            for (drawer, draw) in zip(part, draws) {
                let job = drawer.sequence.group.job
                let textStart = drawer.sequence.sequence.text.utf8.count
                drawer.sequence.take(draw, endTokens: job.endTokens(text.endTokens))
                job.report(drawer.sequence, textStart: textStart) {
                    let row = logits.rows(drawer.place - start..<drawer.place - start + 1)
                    return likeliest(job.request.reportedAlternatives, in: row, beside: draw)
                }
                job.drawnTokens += 1
            }
        }
        counts.drawnTokens += drawers.count
    }

    /// The likeliest tokens of a row of logits from which `draw` was drawn.
    private func likeliest(_ count: Int, in row: Tensor, beside draw: Draw) -> [LikelyToken] {
        let sum = Tensor(rows: 1, columns: 1)
        // What the draw has computed already: the row's log-sum.
        sum.assign([row[row: 0, column: Int(draw.token)] - draw.logprob])
        return model.backend.topTokens(row, count: count, lse: sum).joined().map {
            LikelyToken(
                token: $0.token,
                logprob: $0.token == draw.token ? draw.logprob : min(0, $0.logprob)
            )
        }
    }

    /// Lets computed prompts and finished sequences go, and the others on.
    func settle() {
        for group in prefilling where group.isComputed { keep(group) }
        prefilling.removeAll { $0.isComputed }
        for drawer in drawers {
            let sequence = drawer.sequence
            if sequence.isFinished {
                leave(sequence)
            } else if sequence.rows.isEmpty {
                joining.append(sequence)
            }
        }
        active.removeAll { $0.isFinished }
        drawers.removeAll(keepingCapacity: true)
    }
}
