import Shop
import Web

/// Paying for the caller's orders.
struct PaymentsAPI: Sendable {
    let payments: Payments
    let access: Access

    func addRoutes(to api: inout RouterGroup) {
        api.on(.post, "/orders/:id/payment") { request, path in
            let caller = try access.caller(request)
            let submission: Submission<Payment> = try request.submission(of: caller.user, status: 201) {
                json, payment in
                json.value(payment)
            }
            return Response(try payments.pay(path.id(Order.self, else: .orderNotFound), submission))
        }
        api.on(.get, "/orders/:id/payment") { request, path in
            let caller = try access.caller(request)
            let payment = try payments.find(path.id(Order.self, else: .orderNotFound), of: caller.user)
            return .json { $0.value(payment) }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ payment: Payment) {
        object { json in
            json.member("id", payment.order)
            json.member("orderId", payment.order)
            json.member("amount", payment.amount)
            json.member("status", payment.status.rawValue)
            json.member("balance", payment.balance)
            json.member("paidAt", payment.paidAt)
        }
    }
}
