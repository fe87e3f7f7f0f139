import HTTPTypes
import Web

/// The API's own description, in OpenAPI. A test holds it to what is answered, and the other way round.
struct DescriptionAPI {
    static let text = PackageResources.openapi_yaml

    func addRoutes(to api: inout RouterGroup) {
        let response = Response(
            .ok, fields: [.contentType: "application/yaml", .cacheControl: "public, max-age=3600"], body: Self.text)
        api.on(.get, "/openapi.yaml") { _, _ in response }
    }
}
