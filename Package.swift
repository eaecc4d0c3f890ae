// swift-tools-version: 6.2
import PackageDescription

/// One strictness for every target: Swift 6 mode, explicit existentials, imports that say whether they are re-exported.
/// Warnings are errors where changes are checked, and not where a newer compiler may know new ones.
let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["WARNINGS_AS_ERRORS"] == "1" ? [.treatAllWarnings(as: .error)] : [])

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "decree",
    products: [.executable(name: "decree", targets: ["decree"])]
        // For Benchmarks, which is a package of its own.
        + ["Paxos", "KeyValue", "Sharding", "Wire", "Replica", "Storage", "Gateway"].map { .library(name: $0, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // Imports point one way, downwards: this list is the order.
        library("Paxos", [collections]),
        library("KeyValue"),
        library("Sharding", ["Paxos"]),
        library("Wire", ["Paxos", "KeyValue", "Sharding", nioCore]),
        library("Replica", ["Paxos", "KeyValue", "Sharding", collections]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        library("SQLite", ["CSQLite"]),
        library("Migrations", resources: [.embedInCode("sql/ledger"), .embedInCode("sql/table")]),
        library("Storage", ["Paxos", "KeyValue", "Replica", "SQLite", "Migrations", collections]),
        library("Transport", ["Paxos", "KeyValue", "Sharding", "Replica", "Wire", nioCore, nioPosix]),
        library("Gateway", ["Paxos", "Replica", "KeyValue", "Sharding", nioCore, nioPosix]),
        library(
            "Node",
            [
                "Paxos", "KeyValue", "Sharding", "Wire", "Replica", "SQLite", "Storage", "Transport", "Gateway", nioCore, nioPosix,
                logging, yams,
            ]),
        // A client of any server: it knows the protocol on the wire, and nothing of what is behind it.
        .systemLibrary(name: "CEpoll"),
        library("Bench", ["CEpoll", collections, histogram]),
        .executableTarget(name: "decree", dependencies: ["Node", "Bench", arguments], swiftSettings: strict),
        library("Linearizability"),
        library("FaultVFS", ["CSQLite"]),
        library(
            "Simulator",
            ["Paxos", "KeyValue", "Sharding", "Wire", "Replica", "SQLite", "Storage", "FaultVFS", "Linearizability", nioCore]),
        .executableTarget(name: "decree-simulate", dependencies: ["Simulator", arguments], swiftSettings: strict),
        library("Explorer", ["Paxos"]),
        .executableTarget(name: "decree-explore", dependencies: ["Explorer", arguments], swiftSettings: strict),

        tests("Paxos", ["Paxos"]),
        tests("KeyValue", ["KeyValue"]),
        tests("Sharding", ["Sharding", "Paxos"]),
        tests("Wire", ["Wire", "Paxos", "KeyValue", "Sharding", nioCore]),
        tests("Replica", ["Replica", "Paxos", "KeyValue", "Sharding", "Linearizability", "Simulator"]),
        tests("Storage", ["Storage", "SQLite", "Migrations", "Replica", "Paxos", "KeyValue"]),
        tests("Transport", ["KeyValue", "Transport", "Wire", "Replica", "Sharding", "Paxos", nioCore, nioPosix]),
        tests(
            "Gateway",
            ["Gateway", "Replica", "KeyValue", "Paxos", "Sharding", nioCore, nioPosix, .product(name: "NIOEmbedded", package: "swift-nio")]),
        tests("Node", ["Node", "Sharding", "Paxos"]),
        tests("Bench", ["Bench"]),
        tests("Linearizability", ["Linearizability"]),
        tests("Cluster", ["Linearizability", "Bench"]),
        tests("Simulator", ["Simulator"]),
        tests("Explorer", ["Explorer"]),
        tests("FaultVFS", ["FaultVFS", "SQLite", "Storage", "Simulator", "Replica", "Paxos", "KeyValue"]),
    ],
    swiftLanguageModes: [.v6]
)
