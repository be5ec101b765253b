// swift-tools-version: 6.1
import PackageDescription

/// Every Swift target: warnings are errors, imports are internal and explicit.
let strict: [SwiftSetting] = [
    .unsafeFlags(["-warnings-as-errors"]),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Numeric targets are optimised in debug builds too: unoptimised loops are 50 times slower.
let numeric: [SwiftSetting] =
    strict + [
        .unsafeFlags(["-O"], .when(configuration: .debug))
    ]

let vectorised: [CSetting] = [
    .unsafeFlags(["-O3", "-ffast-math", "-fno-finite-math-only", "-Wall", "-Wextra", "-Werror"])
]

func library(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    exclude: [String] = [],
    settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func executable(
    _ name: String,
    _ dependencies: [Target.Dependency],
    settings: [SwiftSetting] = strict
) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ subject: String,
    _ dependencies: [Target.Dependency],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: subject + "Tests",
        dependencies: dependencies,
        resources: resources,
        swiftSettings: strict
    )
}

let package = Package(
    name: "hone",
    products: [
        .executable(name: "hone", targets: ["hone"]),
        .executable(name: "honed", targets: ["honed"]),
        .executable(name: "hone-worker", targets: ["hone-worker"]),
        .executable(name: "hone-bench", targets: ["hone-bench"]),
    ],
    targets: [
        // System libraries: a module map and a shim each.
        .systemLibrary(
            name: "COpenBLAS",
            pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .target(name: "CLinux"),
        // The vector loops that BLAS lacks.
        .target(name: "CKernels", cSettings: vectorised),
        // Core.
        library("Domain"),
        library("Telemetry"),
        // Numerics.
        library("Kernels", ["COpenBLAS", "CKernels"], settings: numeric),
        library("Models", ["Kernels", "Domain"], settings: numeric),
        library("Tokenizers", ["Domain"], settings: numeric),
        library("ModelFiles", ["Domain"], settings: numeric),
        // Objectives and rewards: pure.
        library("Objectives", ["Domain"], settings: numeric),
        library("Rewards", ["Domain"]),
        // What is said of results: pure.
        library("Statistics", ["Domain"], settings: numeric),
        // Learner and worker.
        library(
            "Training",
            ["Kernels", "Models", "Objectives", "Tokenizers", "ModelFiles", "Domain"],
            settings: numeric
        ),
        library("WorkerProtocol", ["CLinux", "Domain"]),
        executable(
            "hone-worker",
            ["Training", "Kernels", "Objectives", "WorkerProtocol", "Domain"]
        ),
        // Control.
        library("Store", ["CSQLite", "Domain"]),
        library("HTTP", ["CLinux", "Telemetry"]),
        library(
            "Scheduling",
            ["Domain", "Objectives", "Rewards", "Statistics", "Store", "WorkerProtocol"]
        ),
        // Outgoing HTTP for the scheduler, in the daemon as in the command line.
        library("Outbound", ["HTTP", "Scheduling"]),
        library("APITypes", ["Domain"]),
        // What is stored and measured, as the objects of the API.
        library(
            "Presentation",
            [
                "APITypes", "Scheduling", "Store", "Statistics", "Objectives", "Rewards", "Domain",
            ]
        ),
        library(
            "API",
            [
                "HTTP", "APITypes", "Presentation", "Scheduling", "Outbound", "Store", "Rewards",
                "Domain", "Telemetry",
            ],
            // Written into Swift by scripts/embed-page.
            exclude: ["Page/Web"]
        ),
        executable("honed", ["API", "Arguments", "Domain"]),
        // Clients.
        library("Arguments", ["Domain"]),
        library("Client", ["HTTP", "APITypes", "Domain"]),
        library(
            "Local",
            ["Presentation", "Scheduling", "Outbound", "Store", "APITypes", "Domain"]
        ),
        executable(
            "hone",
            ["Client", "Local", "Presentation", "Arguments", "APITypes", "Objectives", "Domain"]
        ),
        executable(
            "hone-bench",
            ["Kernels", "Training", "Objectives", "Arguments", "HTTP", "Domain"]
        ),
        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["Domain", "HTTP"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests("Domain", ["Domain", "TestSupport"]),
        tests("Kernels", ["Kernels", "TestSupport"]),
        tests("Models", ["Models", "Kernels", "ModelFiles", "Domain", "TestSupport"]),
        tests(
            "Tokenizers",
            ["Tokenizers", "Domain", "TestSupport"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "ModelFiles",
            ["ModelFiles", "Domain", "TestSupport"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "Objectives",
            ["Objectives", "Domain", "TestSupport"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "Rewards",
            ["Rewards", "Domain", "TestSupport"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "Statistics",
            ["Statistics", "Domain", "TestSupport"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "Training",
            ["Training", "Models", "Kernels", "Objectives", "ModelFiles", "Domain", "TestSupport"]
        ),
        tests("WorkerProtocol", ["WorkerProtocol", "Domain", "TestSupport"]),
        tests("Store", ["Store", "Domain", "TestSupport"]),
        tests("HTTP", ["HTTP", "Telemetry", "TestSupport"]),
        tests(
            "Scheduling",
            [
                "Scheduling", "APITypes", "Store", "WorkerProtocol", "Objectives", "Rewards",
                "Statistics", "Domain", "TestSupport",
            ]
        ),
        tests("Outbound", ["Outbound", "Scheduling", "HTTP", "Telemetry", "TestSupport"]),
        tests("APITypes", ["APITypes", "Domain", "TestSupport"]),
        tests(
            "API",
            [
                "API", "APITypes", "HTTP", "Scheduling", "Store", "Domain", "Telemetry",
                "TestSupport",
            ]
        ),
        tests("Arguments", ["Arguments", "Domain", "TestSupport"]),
        tests("Client", ["Client", "APITypes", "HTTP", "Domain", "TestSupport"]),
        tests("EndToEnd", ["HTTP", "APITypes", "Telemetry", "Domain", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
