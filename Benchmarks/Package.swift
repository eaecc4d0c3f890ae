// swift-tools-version: 6.2
import PackageDescription

// A package of its own: whoever builds Decree does not fetch what measures it.

/// The directory of the package that is measured; SwiftPM calls a package by it.
let outer = String(Context.packageDirectory.split(separator: "/").dropLast().last ?? "decree")

/// What the compiler is told to be that package's name: in lower case, and with `_` for what can't stand in an identifier.
let outerModulePackage = String(
    String.UnicodeScalarView(
        outer.lowercased().unicodeScalars.enumerated().map { place, scalar in
            let isDigit = ("0"..."9").contains(scalar)
            let isAllowed = !scalar.isASCII || scalar == "_" || ("a"..."z").contains(scalar) || (isDigit && place > 0)
            return isAllowed ? scalar : "_"
        }))

let measured = ["Paxos", "KeyValue", "Sharding", "Wire", "Replica", "Storage", "Gateway"].map {
    Target.Dependency.product(name: $0, package: outer)
}

let package = Package(
    name: "decree-counts",
    dependencies: [
        .package(path: ".."),
        // Without its own hooks into the allocator: the counters below know system calls, too.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .target(name: "CCounters", path: "CCounters"),
        .executableTarget(
            name: "Counts",
            dependencies: measured + [
                "CCounters", .product(name: "Benchmark", package: "benchmark"), .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Counts",
            // In the package that is measured, so as to call what it calls itself.
            packageAccess: false,
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .unsafeFlags(["-package-name", outerModulePackage]),
            ],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
