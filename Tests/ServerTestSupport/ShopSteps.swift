import TestSupport

/// Frequent steps; each throws unless the shop agrees.
extension Caller {
    @discardableResult
    public func must(_ status: Int, _ answer: HTTPAnswer) throws -> HTTPAnswer {
        guard answer.status == status else { throw Failure("expected \(status), got \(answer)") }
        return answer
    }

    public func charge(_ amount: Int) throws {
        try must(201, post("/balance/charges", #"{"amount":\#(amount)}"#))
    }

    /// As an admin: adds a product and returns its id.
    public func addProduct(_ name: String = "사과", price: Int = 1_000, stock: Int = 100) throws -> Int64 {
        try must(201, post("/admin/products", #"{"name":"\#(name)","price":\#(price),"stock":\#(stock)}"#)).id()
    }

    /// As an admin: adds an open coupon and returns its id.
    public func addCoupon(quantity: Int = 100, amount: Int = 500) throws -> Int64 {
        let body = #"""
            {"name":"할인","discount":{"kind":"fixed","amount":\#(amount)},"quantity":\#(quantity),\#
            "opensAt":"2020-01-01T00:00:00Z","closesAt":"2099-01-01T00:00:00Z"}
            """#
        return try must(201, post("/admin/coupons", body)).id()
    }

    /// Makes an order and returns its id.
    public func order(_ product: Int64, _ quantity: Int = 1, coupon: Int64? = nil) throws -> Int64 {
        let coupon = coupon.map { #","userCouponId":\#($0)"# } ?? ""
        let body = #"{"items":[{"productId":\#(product),"quantity":\#(quantity)}]\#(coupon)}"#
        return try must(201, post("/orders", body)).id()
    }

    public func balance() throws -> Int64 {
        try required(must(200, get("/balance")).json["amount"].integer, "no amount")
    }
}
