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
        BradleyTerryTies.self,
        PlackettLuce.self,
        RatingRegression.self,
        OrdinalRegression.self,
        BinaryLabels.self,
        ImplicitPRM.self,
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
        try EntryMaker(what: "objective", types: all)
            .make(name, parameters, path: path, ignoring: ignoring)
    }

    /// What each says of itself.
    public static var descriptions: [CatalogueDescription] {
        all.map { CatalogueDescription(objective: $0) }
    }

    /// The type of that name or alias.
    public static func type(named name: String) -> (any Objective.Type)? {
        all.first { $0.answers(to: name) }
    }
}
