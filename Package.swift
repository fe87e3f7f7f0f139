// swift-tools-version: 6.2

import PackageDescription

/// One target a floor, so that the compiler holds them apart: each names the floors it may know.
let package = Package(
    name: "jangteo",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "jangteo", targets: ["jangteo"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        // What those link in turn: named here so that its versions are exact as well.
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        .systemLibrary(name: "CFastCGI"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        .target(name: "POSIX", dependencies: ["CLinux"]),
        .target(name: "SQLite", dependencies: ["CLinux", "CSQLite"]),
        .target(
            name: "Prometheus", dependencies: ["POSIX", .product(name: "CoreMetrics", package: "swift-metrics")]),
        .target(
            name: "Shop",
            dependencies: [
                "POSIX",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),
        .target(
            name: "ShopStore",
            dependencies: [
                "POSIX", "Shop", "SQLite",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Pictures", dependencies: ["POSIX", "Shop", .product(name: "Crypto", package: "swift-crypto")]),
        .target(name: "Web", dependencies: [.product(name: "HTTPTypes", package: "swift-http-types")]),
        .target(name: "Journal", dependencies: ["POSIX", "Shop", .product(name: "Logging", package: "swift-log")]),
        .target(
            name: "FastCGI",
            dependencies: ["CFastCGI", "POSIX", "Web", .product(name: "Logging", package: "swift-log")]),
        .target(
            name: "ShopWeb",
            dependencies: [
                "POSIX", "Shop", "Web",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.copy("Storefront"), .embedInCode("API/openapi.yaml")]),
        .executableTarget(
            name: "jangteo",
            dependencies: [
                "CMalloc", "FastCGI", "Web", "ShopWeb", "Shop", "ShopStore", "SQLite", "Journal", "Pictures", "POSIX",
                "Prometheus",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),

        // For all tests: a folder of their own, waiting.
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        // For those that start the built command, and nginx in front of it.
        .target(
            name: "ServerTestSupport", dependencies: ["SQLite", "TestSupport"], path: "Tests/ServerTestSupport"),
        .testTarget(
            name: "FastCGITests",
            dependencies: [
                "FastCGI", "ServerTestSupport", "SQLite", "TestSupport", "Web", "jangteo",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "EndToEndTests", dependencies: ["ServerTestSupport", "SQLite", "TestSupport", "jangteo"]),
        // For those of a shop in their own process: one over a file of its own, a clock to set, threads to race.
        .target(
            name: "ShopTestSupport",
            dependencies: [
                "CSQLite", "POSIX", "Shop", "ShopStore", "SQLite", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/ShopTestSupport",
            // So that SQLite's library finds the one that can be told to fail.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=fdatasync"])]),
        .testTarget(name: "JournalTests", dependencies: ["Journal", "Shop"]),
        .testTarget(name: "PicturesTests", dependencies: ["POSIX", "Pictures", "Shop", "TestSupport"]),
        .testTarget(name: "POSIXTests", dependencies: ["POSIX"]),
        .testTarget(
            name: "PrometheusTests",
            dependencies: ["Prometheus", .product(name: "CoreMetrics", package: "swift-metrics")]),
        .testTarget(name: "SQLiteTests", dependencies: ["CSQLite", "SQLite", "ShopTestSupport", "TestSupport"]),
        .testTarget(
            name: "WebTests", dependencies: ["Web", .product(name: "HTTPTypes", package: "swift-http-types")]),
        .testTarget(
            name: "ShopWebTests",
            dependencies: [
                "Shop", "ShopTestSupport", "ShopWeb", "TestSupport", "Web", "Prometheus",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Mustache", package: "swift-mustache"),
            ]),
        .testTarget(
            name: "ShopTests", dependencies: ["POSIX", "Shop", "ShopStore", "SQLite", "ShopTestSupport", "TestSupport"]),
        .testTarget(
            name: "ShopStoreTests",
            dependencies: [
                "CSQLite", "POSIX", "Shop", "ShopStore", "SQLite", "ShopTestSupport", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
