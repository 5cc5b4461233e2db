// Collectives over values with structure, which travel as JSON: not for the inner loop.

import Foundation

extension Communicator {
  /// Runs `body` on rank 0; every rank gets what it returned, or throws its `Failure`.
  package func fromRoot<Value: Codable>(_ body: () throws -> Value) throws -> Value {
    let value = try onRoot(body)
    let json = try broadcast(value.map { Array(try JSONEncoder().encode($0)) } ?? [])
    return try JSONDecoder().decode(Value.self, from: Data(json))
  }

  /// Every rank's value, by rank.
  package func allGather<Value: Codable>(coded value: Value) throws -> [Value] {
    try allGather(Array(JSONEncoder().encode(value))).map { try JSONDecoder().decode(Value.self, from: Data($0)) }
  }
}
