import HTTPTypes
import Web

/// The API's own OpenAPI description. A test compares it with the answers, in both directions.
struct DescriptionAPI {
    static let text = PackageResources.openapi_yaml

    func addRoutes(to api: inout RouterGroup) {
        let response = Response(
            .ok, fields: [.contentType: "application/yaml", .cacheControl: "public, max-age=3600"], body: Self.text)
        api.on(.get, "/openapi.yaml") { _, _ in response }
    }
}
