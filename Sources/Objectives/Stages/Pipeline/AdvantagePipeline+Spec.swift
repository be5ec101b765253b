public import Domain

extension AdvantagePipeline {
    /// The stages of a run.
    ///
    /// - Parameters:
    ///   - stages: what the method's preset and the spec say together.
    ///   - advantage: the estimator; `nil` where the objective needs no advantages.
    ///   - coefficients: the objective's own, which controllers begin with.
    ///   - path: the JSON path of the spec's field `stages`.
    /// - Throws: all faults, with their paths.
    public init(
        _ stages: StagePreset,
        advantage: (any AdvantageEstimator)?,
        coefficients: [ControllerTarget: Double] = [:],
        path: String = "$.stages"
    ) throws(Faults) {
        self.init(advantage: advantage)
        self.coefficients = coefficients
        var faults: [Fault] = []
        rewards = Self.list(stages.rewards, "\(path).rewards", &faults) {
            (entry, path) throws(Faults) in
            try StageCatalogue.rewardTransform(entry, path: path)
        }
        filters = Self.list(stages.filters, "\(path).filters", &faults) {
            (entry, path) throws(Faults) in
            try StageCatalogue.filter(entry, path: path)
        }
        controllers = Self.list(stages.controllers, "\(path).controllers", &faults) {
            (entry, path) throws(Faults) in
            try StageCatalogue.controller(entry, path: path)
        }
        let credits = Self.list([stages.credit], "\(path).credit", &faults) {
            (entry, _) throws(Faults) in
            try StageCatalogue.credit(entry, path: "\(path).credit")
        }
        credit = credits.first ?? TerminalCredit()
        rewardKL = stages.rewardKL
        whitening = stages.whiten
        whitensRewards = stages.whitensRewards
        advantageClip = stages.advantageClip
        faults += contradictions(path)
        if !faults.isEmpty { throw Faults(faults) }
    }

    private static func list<Stage>(
        _ entries: [NamedParameters],
        _ path: String,
        _ faults: inout [Fault],
        _ make: (NamedParameters, String) throws(Faults) -> Stage
    ) -> [Stage] {
        var result: [Stage] = []
        for (index, entry) in entries.enumerated() {
            do throws(Faults) { result.append(try make(entry, "\(path)[\(index)]")) } catch {
                faults += error.list
            }
        }
        return result
    }

    /// What does not go together.
    private func contradictions(_ path: String) -> [Fault] {
        var faults: [Fault] = []
        let kind = advantage.map { type(of: $0) }
        if type(of: credit).joinsTokens, kind?.isPerToken != true {
            let message =
                "\(type(of: credit).name) needs an advantage over tokens, as return_to_go: those of a "
                + "group compare whole completions"
            faults.append(Fault(path: "\(path).credit", message: message))
        }
        if whitensRewards, let message = whiteningProblem {
            faults.append(Fault(path: "\(path).whiten_rewards", message: message))
        }
        var seen: Set<ControllerTarget> = []
        for (index, controller) in controllers.enumerated() {
            let (place, kind) = ("\(path).controllers[\(index)]", type(of: controller))
            if !seen.insert(kind.target).inserted {
                let message = "sets \(kind.target.rawValue), which another controller sets already"
                faults.append(Fault(path: place, message: message))
            }
            if let message = problem(kind) { faults.append(Fault(path: place, message: message)) }
        }
        return faults
    }

    /// Why tokens' rewards cannot be standardised in this pipeline.
    private var whiteningProblem: String? {
        guard let advantage, type(of: advantage).isPerToken else {
            return
                "needs an advantage over tokens, as gae or return_to_go: those of a group compare "
                + "whole completions"
        }
        if costName != nil {
            return "cannot be used with lagrange, which sets costs against rewards as they are"
        }
        if (advantage as? ReturnToGo)?.usesGroupMean == true {
            return
                "cannot be used with the baseline group_mean, which is a mean of rewards as they are"
        }
        return nil
    }

    /// Why a controller cannot work in this pipeline.
    private func problem(_ controller: any StageController.Type) -> String? {
        switch controller.target {
        case .klCoefficient:
            let coefficient = rewardKL?.coefficient ?? coefficients[.klCoefficient] ?? 0
            return coefficient > 0
                ? nil
                : "multiplies the KL's coefficient, which is 0: give reward_kl, or the objective a "
                    + "kl_coefficient"
        case .entropyCoefficient:
            return coefficients[.entropyCoefficient] != nil
                ? nil : "needs an objective with an entropy_coefficient"
        case .multiplier:
            return advantage == nil ? "needs an objective that learns from advantages" : nil
        }
    }
}
