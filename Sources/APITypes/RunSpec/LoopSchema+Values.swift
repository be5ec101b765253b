import Domain

// From checked objects to a spec, and back.
extension LoopSchema {
    static func read(_ checked: Value, into spec: inout RunSpec) {
        if let refill = checked["sampling"]?["refill"], let rounds = refill["rounds"]?.integerValue
        {
            let factor = refill["oversampling"]?.doubleValue ?? 1
            spec.refill = RefillSpec(rounds: rounds, oversampling: factor)
        }
        spec.mix = checked["mix"].map(mix)
        spec.curriculum = checked["curriculum"].map { curriculum in
            CurriculumSpec(
                order: RunSpecReader.choice(curriculum["order"], .shuffled),
                by: curriculum["by"]?.stringValue ?? CurriculumSpec().by,
                pairs: RunSpecReader.choice(curriculum["pairs"], .shuffled)
            )
        }
        spec.noise = checked["noise"].map { noise in
            let drawn = noise["bradley_terry"]
            return NoiseSpec(
                flip: noise["flip"]?.doubleValue ?? 0,
                bradleyTerry: drawn?.boolValue == true ? 1 : drawn?.doubleValue,
                nearTies: noise["near_ties"]?.doubleValue ?? 0
            )
        }
        spec.resets = (checked["resets"]?["share"]?.doubleValue).map { ResetSpec(share: $0) }
    }

    private static func mix(_ checked: Value) -> MixSpec {
        var mix = MixSpec()
        if let offline = checked["offline"], let data = RunSpecReader.source(offline["data"]),
            let share = offline["share"]?.doubleValue
        {
            mix.offline = .init(data: data, share: share)
        }
        mix.replay = checked["replay"].map { replay in
            .init(
                iterations: replay["iterations"]?.integerValue,
                share: replay["share"]?.doubleValue,
                minimumReward: replay["minimum_reward"]?.doubleValue
            )
        }
        mix.successes = checked["successes"].map { successes in
            .init(
                size: successes["size"]?.integerValue ?? MixSpec.Successes().size,
                minimumReward: successes["minimum_reward"]?.doubleValue
                    ?? MixSpec.Successes().minimumReward
            )
        }
        return mix
    }

    static func write(_ spec: RunSpec, into fields: inout [String: Value]) {
        fields["mix"] = spec.mix.map(value)
        fields["curriculum"] = spec.curriculum.map { curriculum in
            [
                "order": .string(curriculum.order.rawValue), "by": .string(curriculum.by),
                "pairs": .string(curriculum.pairs.rawValue),
            ]
        }
        fields["noise"] = spec.noise.map(value)
        fields["resets"] = spec.resets.map { ["share": .number($0.share)] }
    }

    static func value(_ refill: RefillSpec) -> Value {
        ["rounds": .integer(refill.rounds), "oversampling": .number(refill.oversampling)]
    }

    private static func value(_ noise: NoiseSpec) -> Value {
        var fields: [String: Value] = [
            "flip": .number(noise.flip), "near_ties": .number(noise.nearTies),
        ]
        fields["bradley_terry"] = noise.bradleyTerry.map { .number($0) }
        return .object(fields)
    }

    private static func value(_ mix: MixSpec) -> Value {
        var fields: [String: Value] = [:]
        fields["offline"] = mix.offline.map { offline in
            [
                "data": RunSpecWriter.source(offline.data), "share": .number(offline.share),
            ]
        }
        fields["replay"] = mix.replay.map { replay in
            var fields: [String: Value] = [:]
            fields["iterations"] = replay.iterations.map { .integer($0) }
            fields["share"] = replay.share.map { .number($0) } ?? "all"
            fields["minimum_reward"] = replay.minimumReward.map { .number($0) }
            return .object(fields)
        }
        fields["successes"] = mix.successes.map { successes in
            [
                "size": .integer(successes.size),
                "minimum_reward": .number(successes.minimumReward),
            ]
        }
        return .object(fields)
    }
}
