public import Domain

/// Every objective, by name.
public enum ObjectiveCatalogue {
    /// One line each; the tests run over this list.
    public static let all: [any Objective.Type] = [
        DPO.self,
        RobustDPO.self,
        IPO.self,
        LengthNormalizedDPO.self,
        HingePreference.self,
        EXO.self,
        NCA.self,
        APOZero.self,
        APODown.self,
        DiscoPOP.self,
        SimPO.self,
        CPO.self,
        ORPO.self,
        ASFT.self,
        SLiC.self,
        RPO.self,
        FlexDPO.self,
        SPPO.self,
        INPO.self,
        REBEL.self,
        OnlineSelfPreferring.self,
        MODPO.self,
        CoPG.self,
        CPL.self,
        StepAPO.self,
        DNO.self,
        FDPO.self,
        XPO.self,
        SELM.self,
        VPO.self,
        HybridPO.self,
        HybridDPO.self,
        AOT.self,
        UnpairedAOT.self,
        HardSPPO.self,
        OnlineIPO.self,
        TriplePO.self,
        P3O.self,
        TDPO1.self,
        TDPO2.self,
        WPO.self,
        LiPOLambda.self,
        ListMLE.self,
        BRAIn.self,
        RRHF.self,
        NCAList.self,
        KTO.self,
        BCO.self,
        BradleyTerry.self,
        SFT.self,
        PPO.self,
        GRPO.self,
        DrGRPO.self,
        DAPO.self,
        GSPO.self,
        CISPO.self,
        Reinforce.self,
        RLOO.self,
        ReMax.self,
        ReinforcePlusPlus.self,
        LOOP.self,
        SAPO.self,
        DRO.self,
        MirrorDescent.self,
        NashMD.self,
        NFT.self,
        ALoL.self,
        OREO.self,
        AlignDistil.self,
        TokenKL.self,
        ValueLoss.self,
    ]

    /// The objective `name` with the `parameters` of an object at `path` of the user's input.
    ///
    /// The fields of the object in `ignoring` are not parameters (`name`). Throws all faults: an
    /// unknown name with the nearest known one, or wrong parameters.
    public static func make(
        name: String,
        parameters: Value,
        path: String,
        ignoring: Set<String> = []
    ) throws(Faults) -> any Objective {
        guard let type = type(named: name) else {
            throw Faults([unknownEntry(name, "objective", among: all, path: path)])
        }
        let values = try ParameterValues(
            parameters,
            describedBy: type.parameters,
            path: path,
            ignoring: ignoring
        )
        let faults = type.contradictions(in: values).map {
            Fault(path: "\(path).\($0.name)", message: $0.message)
        }
        if !faults.isEmpty { throw Faults(faults) }
        return type.init(values)
    }

    /// What each says of itself.
    public static var descriptions: [CatalogueDescription] {
        all.map { CatalogueDescription(objective: $0) }
    }

    /// The type of that name or alias.
    public static func type(named name: String) -> (any Objective.Type)? {
        all.first { $0.name == name || $0.aliases.contains(name) }
    }
}

/// The fault of a name that no entry has.
func unknownEntry(
    _ name: String,
    _ what: String,
    among entries: [any CatalogueEntry.Type],
    path: String
) -> Fault {
    if let meaning = SharedNames.meaning(of: name) {
        return Fault(path: "\(path).name", message: "\"\(name)\" is several methods: \(meaning)")
    }
    let known = entries.flatMap { [$0.name] + $0.aliases }
    let nearest = nearestName(to: name, among: known).map { "did you mean \"\($0)\"?" }
    let list = "known: " + entries.map { $0.name }.sorted().joined(separator: ", ")
    return Fault(
        path: "\(path).name",
        message: "\"\(name)\" is not a known \(what); \(nearest ?? list)"
    )
}
