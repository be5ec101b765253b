import CKernels

// Whole distributions over the vocabulary; rows are split over threads and none knows of another.
extension CPUBackend {
    /// Both KL divergences of each row from another model's.
    public func divergence(_ logits: Tensor, from others: Tensor, into divergence: Divergence) {
        precondition(others.rows == logits.rows && others.columns == logits.columns)
        pool.run(count: logits.rows, grain: 1) { range, _ in
            let first = range.lowerBound
            ck_divergence(
                logits.row(first),
                logits.stride,
                others.row(first),
                others.stride,
                range.count,
                logits.columns,
                divergence.reverse.pointer + first,
                divergence.forward.pointer + first,
                divergence.differences.pointer + first,
                divergence.lse.pointer + first
            )
        }
    }

    /// Σ π² of each row.
    public func collisions(_ logits: Tensor, into collisions: Tensor) {
        pool.run(count: logits.rows, grain: 1) { range, _ in
            ck_collisions(
                logits.row(range.lowerBound),
                logits.stride,
                range.count,
                logits.columns,
                collisions.pointer + range.lowerBound
            )
        }
    }

    /// Tokens that `topMass` adds up at most.
    public static let mostTopTokens = Int(CK_TOP_LIMIT)

    /// The mass of the likeliest tokens of each row, at most `mostTopTokens` of them.
    public func topMass(_ logits: Tensor, count: Int, lse: Tensor, into masses: Tensor) {
        precondition(count > 0 && count <= Self.mostTopTokens)
        pool.run(count: logits.rows, grain: 1) { range, _ in
            ck_top_mass(
                logits.row(range.lowerBound),
                logits.stride,
                range.count,
                logits.columns,
                min(count, logits.columns),
                lse.pointer + range.lowerBound,
                masses.pointer + range.lowerBound
            )
        }
    }

    /// The likeliest tokens of each row, of equally likely ones the lower id first.
    public func topTokens(_ logits: Tensor, count: Int, lse: Tensor) -> [[LikelyToken]] {
        (0..<logits.rows).map { row in
            let start = logits.row(row)
            let sum = lse.pointer[row]
            var found: [LikelyToken] = []
            for column in 0..<logits.columns {
                let logprob = start[column] - sum
                if found.count == count, let last = found.last, logprob <= last.logprob { continue }
                let place = found.firstIndex { $0.logprob < logprob } ?? found.count
                found.insert(LikelyToken(token: Int32(column), logprob: logprob), at: place)
                if found.count > count { found.removeLast() }
            }
            return found
        }
    }

    /// Extrapolates the teacher's logits away from the contrast's, in place.
    public func mixTeacher(
        _ teacher: Tensor,
        contrast: Tensor,
        strength: Float,
        floor: Float,
        distances: Tensor
    ) {
        precondition(contrast.rows == teacher.rows && contrast.columns == teacher.columns)
        pool.run(count: teacher.rows, grain: 1) { range, _ in
            ck_mix_teacher(
                teacher.row(range.lowerBound),
                teacher.stride,
                contrast.row(range.lowerBound),
                contrast.stride,
                range.count,
                teacher.columns,
                strength,
                floor,
                distances.pointer + range.lowerBound
            )
        }
    }

    /// Overwrites the logits with ∂loss/∂logits.
    public func distributionBackward(
        _ logits: Tensor,
        targets: ArraySlice<Int32>,
        lse: Tensor,
        slopes: DistributionSlopes
    ) {
        precondition(targets.count == logits.rows)
        for other in slopes.comparisons {
            precondition(other.logits.rows == logits.rows)
            precondition(other.logits.columns == logits.columns)
        }
        targets.withUnsafeBufferPointer { targets in
            guard let start = targets.baseAddress else { return }
            let box = Shared(start)
            pool.run(count: logits.rows, grain: 1) { range, _ in
                let first = range.lowerBound
                var own = slopes.own(first)
                let others = slopes.others(first)
                ck_distribution_backward(
                    logits.row(first),
                    logits.stride,
                    range.count,
                    logits.columns,
                    box.pointer + first,
                    lse.pointer + first,
                    &own,
                    others,
                    others.count
                )
            }
        }
    }
}

extension DistributionSlopes {
    /// The rows' own slopes as the kernel takes them, from row `first` on.
    fileprivate func own(_ first: Int) -> ck_softmax_slopes {
        ck_softmax_slopes(
            entropies: entropies.pointer + first,
            dlogprobs: dLogprobs.pointer + first,
            dentropies: dEntropies.pointer + first,
            collisions: collisions.pointer + first,
            dcollisions: dCollisions.pointer + first
        )
    }

    /// The other models as the kernel takes them, from row `first` on.
    fileprivate func others(_ first: Int) -> [ck_comparison] {
        comparisons.map { other in
            ck_comparison(
                logits: other.logits.row(first),
                ld: other.logits.stride,
                lse: other.divergence.lse.pointer + first,
                differences: other.divergence.differences.pointer + first,
                dreverse: other.dReverse.pointer + first,
                dforward: other.dForward.pointer + first
            )
        }
    }
}
