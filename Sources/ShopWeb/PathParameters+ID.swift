import Shop
import Web

extension PathParameters {
    /// The id in the path. Text that cannot be an id names nothing, so it is not found.
    func id<Entity>(_: Entity.Type, else error: ShopError) throws -> ID<Entity> {
        guard let value = Int64(self["id"]), value > 0, String(value) == self["id"] else { throw error }
        return ID(value)
    }
}
